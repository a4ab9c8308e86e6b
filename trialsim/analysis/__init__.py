"""Pure functions from tables to tables and summaries; they know neither engines nor files."""
