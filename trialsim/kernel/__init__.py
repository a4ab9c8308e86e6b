"""The model as compiled code: the twin of `trialsim.model`, equal to the last bit."""
