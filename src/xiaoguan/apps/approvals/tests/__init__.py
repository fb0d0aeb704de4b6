"""Approvals under test."""
