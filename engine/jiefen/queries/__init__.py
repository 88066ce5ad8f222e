"""What is asked across cases: worklists, search, counts, figures, the feed."""
