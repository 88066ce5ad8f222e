"""For those who draw models and write rules."""
