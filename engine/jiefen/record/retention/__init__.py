"""What the keeping of records gives back."""
