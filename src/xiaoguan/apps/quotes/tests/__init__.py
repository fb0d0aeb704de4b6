"""Quotes under test."""
