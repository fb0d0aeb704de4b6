"""Territories: who looks after which customers, by region, industry and kind."""
