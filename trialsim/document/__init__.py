"""Reports to hand over: what a simulation says, in the order of a decision, as a page, a PDF or data."""
