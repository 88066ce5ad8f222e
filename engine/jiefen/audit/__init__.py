"""Proof that what is kept is what happened: chains looked through, heads signed."""
