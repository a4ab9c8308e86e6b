"""From YAML to plain values, and the paths of keys in them."""
