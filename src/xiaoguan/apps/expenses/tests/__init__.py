"""Tests of expenses."""
