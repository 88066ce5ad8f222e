"""The tables of the counter, a module each: the table, and what is read from it. ``kept`` says how they are written."""
