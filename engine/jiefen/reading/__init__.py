"""What somebody reads: the calls that read, for one person, and the log of what was read."""
