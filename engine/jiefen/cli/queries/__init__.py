"""Commands that ask across cases."""
