"""What happens at the counter, where clerk and party meet: notes, case codes, ratings, appointments, papers."""
