"""REST for every entity, derived from its declaration: the same rights, validation and actions as the pages."""
