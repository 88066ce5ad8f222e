"""Connecting to a database: its address, its transactions, those of hosts, and what it answers."""
