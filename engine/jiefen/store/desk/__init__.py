"""The tables of the desk, a module each: the table, and what is written to it and read from it."""
