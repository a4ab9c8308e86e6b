"""The sections of a scenario file, a file each."""
