"""Stored files: checked by content, cleaned, kept under names of ours, served after a check, cleared away in time."""
