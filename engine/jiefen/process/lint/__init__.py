"""What can be wrong with a model."""
