"""Routes that ask for no key: a secret stands in the address."""
