"""Alembic migrations of the tables of Jiefen."""
