"""What users hold in their hands: the results of a run, of a sweep, of a replay and of a trace."""
