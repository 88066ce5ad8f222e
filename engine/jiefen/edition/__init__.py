"""An immutable set of processes and rules, and the holidays that are known."""
