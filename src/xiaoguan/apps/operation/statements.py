"""Counts and times what goes to the database; a statement over the limit is logged by its shape, without one value."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from xiaoguan.apps.operation import trace

logger = logging.getLogger("xiaoguan.slow")

VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b(?!\")")
LIST = re.compile(r"\(\s*(?:\?|%s)(?:\s*,\s*(?:\?|%s))+\s*\)")
ROWS = re.compile(r"(\(…\)|\((?:\?|%s)\))(?:\s*,\s*(?:\(…\)|\((?:\?|%s)\)))+")
LONGEST = 1500
KEPT = 3


def shape(sql: str) -> str:
    """A statement without its values: texts and numbers are `?`, lists of them `(…)`."""
    bare = VALUE.sub("?", sql if isinstance(sql, str) else repr(sql))
    short = ROWS.sub(r"\1…", LIST.sub("(…)", " ".join(bare.split())))
    return short if len(short) <= LONGEST else f"{short[:LONGEST]}…"


def watched(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement and book it on the request under way."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = time.perf_counter() - began
        if (found := trace.current.get()) is not None:
            found.statements += 1
            found.seconds += took
        if took * 1000 >= settings.SLOW_STATEMENT_MS:
            _tell(sql, took, found)


def _tell(sql: str, took: float, found: trace.Trace | None) -> None:
    told = shape(sql)
    if found is not None:
        found.slowest = sorted([*found.slowest, (took, told)], reverse=True)[:KEPT]
    logger.warning("slow statement: %d ms: %s", took * 1000, told, extra={"ms": round(took * 1000), "sql": told})


def watch(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Look at everything a new connection runs; one that is opened again is watched already."""
    if watched not in connection.execute_wrappers:
        connection.execute_wrappers.append(watched)


connection_created.connect(watch, dispatch_uid="xiaoguan.operation.statements")
