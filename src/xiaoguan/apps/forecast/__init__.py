"""What will be won: probabilities learnt from a company's own deals, and where periods land."""
