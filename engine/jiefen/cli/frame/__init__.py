"""What every command stands on: options, what is given, what is printed, how a command ends."""
