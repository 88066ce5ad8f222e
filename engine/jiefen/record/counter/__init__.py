"""What is kept for the counter, where clerk and party meet: notes, codes, ratings, appointments, papers."""
