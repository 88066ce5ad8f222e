"""Commands that keep the engine going: the clock, the directory, recurring duties, newer holidays and rules."""
