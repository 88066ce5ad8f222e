"""What is kept of a case: its kinds, its values, who acts, and what a step collects to be written."""
