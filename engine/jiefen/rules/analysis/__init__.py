"""What is looked for in rules beyond their soundness: gaps, tests, articles."""
