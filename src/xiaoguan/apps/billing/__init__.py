"""Payment plans of contracts, receipts given to their instalments, and what is overdue."""
