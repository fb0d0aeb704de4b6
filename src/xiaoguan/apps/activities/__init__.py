"""Follow-ups and next steps on customers and deals."""
