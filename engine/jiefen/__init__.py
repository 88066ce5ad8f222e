"""Jiefen (解纷): a rules-driven workflow engine for dispute escalation and petition handling."""

__version__ = "0.1.0"
