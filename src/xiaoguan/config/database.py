"""From DATABASE_URL to Django's database settings, for the two engines that are supported."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

from xiaoguan.config.environment import unquoted

# WAL lets readers work while one writer writes; NORMAL is safe against a crash of the process and, in WAL mode,
# loses at most the last commits on a power cut, never consistency.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    # Each thread has a connection of its own: the page cache of the operating system is shared by all, these are not.
    "PRAGMA cache_size=-16384",
    "PRAGMA journal_size_limit=67108864",
)
POSTGRES_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "options"}
KEEP_SECONDS = 300
NO_JIT = "-c jit=off"
"""PostgreSQL compiles texts it thinks costly to machine code, which takes longer than nearly all of ours: a board or a
search, many branches of few rows each, looks costly and is not. `?options=` in DATABASE_URL takes the place of this."""


def parse(url: str, default_file: Path) -> dict[str, Any]:
    """Return the settings of one database; an empty URL means SQLite in ``default_file``.

    Raises ImproperlyConfigured for schemes, options or shapes that are not known, naming what is wrong.
    """
    if not url:
        return sqlite(str(default_file))
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(_sqlite_path(url))
    if parts.scheme in ("postgres", "postgresql"):
        return _postgres(parts)
    raise ImproperlyConfigured(
        f"DATABASE_URL has the scheme {parts.scheme!r}; use sqlite:///file or postgresql://user:password@host:5432/name"
    )


def sqlite(path: str, durable: bool = True) -> dict[str, Any]:
    """Return SQLite settings for a file path (or ``:memory:``); test runs need no durability."""
    pragmas = [*SQLITE_PRAGMAS, *(() if durable else ("PRAGMA synchronous=OFF",))]
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": KEEP_SECONDS,
        "OPTIONS": {
            # Take the write lock at BEGIN: with the default (deferred) two writers that first read deadlock at once.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": ";".join(pragmas),
        },
    }


def _sqlite_path(url: str) -> str:
    """Return the path of ``sqlite:///relative``, ``sqlite:////absolute`` or ``sqlite://:memory:``."""
    rest = url.removeprefix("sqlite://")
    if rest in (":memory:", "/:memory:"):
        return ":memory:"
    if not rest.startswith("/") or len(rest) < 2 or "?" in rest:
        raise ImproperlyConfigured("DATABASE_URL for SQLite is sqlite:///relative/file or sqlite:////absolute/file")
    return unquoted(rest[1:])


def _postgres(parts: SplitResult) -> dict[str, Any]:
    """Return PostgreSQL settings; ``?host=/directory`` names a unix socket."""
    try:
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL has an unreadable port: {error}") from error
    name = unquoted(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://user:password@host:5432/name")
    options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    host = options.pop("host", "") or unquoted(parts.hostname)
    unknown = sorted(set(options) - POSTGRES_OPTIONS)
    if unknown:
        raise ImproperlyConfigured(f"DATABASE_URL has unknown options: {', '.join(unknown)}")
    options.setdefault("options", NO_JIT)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquoted(parts.username),
        "PASSWORD": unquoted(parts.password),
        "HOST": host,
        "PORT": str(port or ""),
        "CONN_MAX_AGE": KEEP_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
