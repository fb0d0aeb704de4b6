"""Tests of contracts, receipts and refunds."""
