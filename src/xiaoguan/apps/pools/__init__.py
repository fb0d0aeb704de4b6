"""Customers nobody looks after: the pools they go to, the rules that send them there, and who takes them again."""
