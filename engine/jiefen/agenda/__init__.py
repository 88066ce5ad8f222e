"""Everything that must happen at a time: one table, one scan, one way to claim."""
