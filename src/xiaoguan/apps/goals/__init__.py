"""Targets of company, teams and people."""
