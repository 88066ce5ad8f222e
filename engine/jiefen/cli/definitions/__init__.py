"""Commands on definitions: checking and testing models and rules, and asking them."""
