"""What comes from outside, fed with input that nobody would think of: ``make fuzz``."""
