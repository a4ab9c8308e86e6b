"""What a sweep varies: axes, cases and designs, as files and options have them, and the points that they make."""
