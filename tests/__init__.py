"""The tests: `support` is what they share; each other folder is a kind of check."""
