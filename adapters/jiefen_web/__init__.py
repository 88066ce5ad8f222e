"""What Jiefen offers over HTTP."""
