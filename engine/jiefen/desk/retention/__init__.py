"""What is kept of people: under which keys, for how long, and what is taken out of it again."""
