"""Companies that are sold to, and the people in them."""
