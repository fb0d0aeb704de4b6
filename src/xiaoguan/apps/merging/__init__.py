"""Records that turn out to be one are made one, and two again where that was wrong."""
