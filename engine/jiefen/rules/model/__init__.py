"""The rules as they are used: tables, deadlines, ladders, practice, the vocabulary, and a view of them from an area."""
