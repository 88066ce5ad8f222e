"""文书: what a case leaves on paper: made by the rules, numbered, signed, served."""
