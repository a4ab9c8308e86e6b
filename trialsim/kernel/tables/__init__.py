"""From what the kernel leaves behind to the published tables."""
