"""Leads: somebody may want something; answered in time, qualified, and made a customer or let go."""
