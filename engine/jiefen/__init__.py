"""Jiefen (解纷)."""
