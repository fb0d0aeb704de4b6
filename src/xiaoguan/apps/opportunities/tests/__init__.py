"""Tests of products, stages and deals."""
