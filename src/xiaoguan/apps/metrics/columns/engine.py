"""DuckDB, if it is installed: loaded when it is first asked, never before."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

MEMORY = "400MB"
"""What one process may take for a question; what needs more goes to the disk."""


@cache
def is_installed() -> bool:
    """Whether the extra `columns` is there."""
    return importlib.util.find_spec("duckdb") is not None


def is_on() -> bool:
    """Whether this installation may have a copy."""
    return settings.XIAOGUAN_COLUMNS and is_installed()


def failures() -> tuple[type[Exception], ...]:
    """What goes wrong with files: damaged, missing, no room."""
    return importlib.import_module("duckdb").Error, OSError


def connect(memory: str = MEMORY) -> Any:
    """A database in memory that may read and write files and nothing else of the machine."""
    spill = str(Path(settings.XIAOGUAN_HOME) / "columns" / "spill")
    options = {
        "memory_limit": memory,
        "temp_directory": spill,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "false",
    }
    return importlib.import_module("duckdb").connect(":memory:", config=options)
