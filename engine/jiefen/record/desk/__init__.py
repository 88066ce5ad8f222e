"""What is kept of a case beside its process: its parties, its links, what came of a row that was taken in."""
