"""Commands that keep the engine going: the clock, the directory, routines, newer holidays and rules."""
