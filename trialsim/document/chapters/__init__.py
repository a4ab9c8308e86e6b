"""The chapters of a report, a file each, in the order of a decision."""
