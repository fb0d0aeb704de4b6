"""Tests of plans, allocations and ageing."""
