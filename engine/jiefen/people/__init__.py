"""Who holds which post, who is told, who climbs the ladder, who may act."""
