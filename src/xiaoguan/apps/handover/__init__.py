"""Handing over what somebody looks after, when he leaves or moves."""
