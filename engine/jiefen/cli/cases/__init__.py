"""Commands on cases: opening, working, reading, and the people around them."""
