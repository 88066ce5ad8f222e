"""What a case in work holds: its facts, what its process waits for, the messages that came too early."""
