"""Floor 3: settings, addresses, server entry points and the command line."""
