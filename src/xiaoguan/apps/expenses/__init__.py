"""What selling costs: claims with their receipts, approved and paid back, counted against what came in."""
