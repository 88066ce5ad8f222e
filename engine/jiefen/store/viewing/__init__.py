"""Who reads which cases, who was let read them, and what they have read."""
