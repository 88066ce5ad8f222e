"""What the tables keep encrypted: the types of their columns, the keys, and how rows are written."""
