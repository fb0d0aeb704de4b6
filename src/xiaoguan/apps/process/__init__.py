"""Where the sales process is quick and where it leaks."""
