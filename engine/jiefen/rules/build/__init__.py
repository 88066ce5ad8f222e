"""From files of YAML to a rulebook that is sound as a whole."""
