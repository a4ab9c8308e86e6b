"""The layers of the trial, a file each, under the names of their twins in `trialsim.model`."""
