"""The scenarios that ship with trialsim: installed as ``trialsim.shipped``."""
