"""What the kernel keeps in memory: the plan, the state of one replication, and the codes for both."""
