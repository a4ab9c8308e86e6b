"""What the kernel is written in."""
