"""How things are written: strict YAML, shapes of files, labels, texts that every database keeps, expressions."""
