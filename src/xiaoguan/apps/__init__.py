"""Floor 2: the business, one app per subject, importing downwards by rank only."""
