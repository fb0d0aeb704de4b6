"""Figures declared once and read by every screen."""
