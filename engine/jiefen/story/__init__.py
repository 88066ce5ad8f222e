"""What callers read: rows as values, sentences, explanations."""
