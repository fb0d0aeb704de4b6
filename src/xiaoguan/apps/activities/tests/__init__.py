"""Tests of follow-ups and tasks."""
