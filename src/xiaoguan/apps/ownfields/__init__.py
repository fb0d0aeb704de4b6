"""The pages where administrators add fields of their own."""
