"""Tests of territories."""
