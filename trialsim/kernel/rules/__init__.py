"""Dose rules in compiled code, and what they look up of the rules in Python."""
