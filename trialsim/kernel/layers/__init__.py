"""The layers of the trial, a file each: the twins of those in `trialsim.model`, with the same functions.

The model's layers reach each other through the trial, here they import each other: modules, not names, because that
goes in circles.
"""
