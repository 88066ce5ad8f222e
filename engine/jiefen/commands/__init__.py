"""What callers ask of the engine, a module for each kind of thing."""
