"""The format of the rule files, declared once."""
