"""Subcommands of ``xiaoguan``, one module each: docstring, ``arguments(parser)``, ``run(options) -> int``."""
