"""Template filters of quotes."""
