"""What people read: a summary on one screen, the diary of one replication."""
