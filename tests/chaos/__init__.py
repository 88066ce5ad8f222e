"""Everything goes wrong at once, and afterwards nothing is lost, doubled or out of order: ``make chaos``."""
