"""The company, its teams and people, and who may see whose records."""
