"""Adapters of Jiefen to outside systems."""
