"""What is done to a whole case: it goes on in another one, is void, becomes several, or is opened again."""
