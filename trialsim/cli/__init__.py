"""The command line: one module a topic, each a few lines over the Python API."""
