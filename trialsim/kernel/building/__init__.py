"""From the sources to compiled code, and keeping it from run to run."""
