"""The kinds of values in scenario files: times, rates, doses, dates, distributions, and how they are written."""
