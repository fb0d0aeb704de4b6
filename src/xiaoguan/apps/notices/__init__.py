"""Telling people: what happened to their records, in the product, by mail and by robots in their chats."""
