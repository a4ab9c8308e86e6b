"""Running replications and keeping their results."""
