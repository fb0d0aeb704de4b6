"""Webhooks: every change of the chosen records, signed, told to other systems and told again until it arrives."""
