"""Tests of customers and contacts."""
