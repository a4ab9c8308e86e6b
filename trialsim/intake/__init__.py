"""Files of other programs in, changed scenario files out."""
