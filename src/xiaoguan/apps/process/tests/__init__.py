"""Tests of the process report."""
