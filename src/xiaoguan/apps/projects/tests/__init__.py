"""Tests of projects and their registration."""
