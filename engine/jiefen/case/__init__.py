"""One step of one case."""
