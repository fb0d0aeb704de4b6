"""Xiaoguan: an open system for setting, pursuing, measuring and rewarding sales goals."""

__version__ = "0.1.0"
