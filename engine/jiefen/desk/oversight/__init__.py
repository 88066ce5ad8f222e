"""督查督办: offices press others, set the day by which a case must end, and give it a leader with a plan."""
