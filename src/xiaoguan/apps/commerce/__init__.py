"""Contracts, receipts and refunds."""
