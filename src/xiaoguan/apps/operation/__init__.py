"""Running an installation: what it shows of itself, what is wrong with it, and the way out of the demonstration."""
