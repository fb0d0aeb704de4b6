"""Strict readers for environment variables: an unreadable value stops the start with a sentence that names it."""

import json
import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
known: set[str] = set()
"""Every variable that was asked for; what is set but not here is a misspelling."""


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks, or the default when it is absent or empty."""
    known.add(name)
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """Return a yes/no variable; anything but 1/true/yes/on and 0/false/no/off is refused."""
    known.add(name)
    if name not in os.environ:
        return default
    value = os.environ[name].strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no (use 1 or 0)")


def number(name: str, default: int, least: int = 0) -> int:
    """Return a whole number of at least ``least``."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of at least {least}")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return a comma-separated list of addresses and networks such as 10.0.0.0/8."""
    found = []
    for word in words(name):
        try:
            found.append(ip_network(word, strict=False))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}") from error
    return found


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    """Return one of the given words."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name}={value!r} is none of: {', '.join(options)}")
    return value


def objects(name: str) -> list[dict[str, Any]]:
    """Return a JSON list of objects; empty when the variable is absent."""
    value = text(name)
    if not value:
        return []
    try:
        found = json.loads(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not readable as JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ImproperlyConfigured(f"{name} is not a JSON list of objects")
    return found


def address(name: str, schemes: tuple[str, ...]) -> SplitResult | None:
    """Return a parsed URL of one of the given schemes, or None when the variable is absent."""
    value = text(name)
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(f"{name} has the scheme {parts.scheme!r}; known are: {', '.join(schemes)}")
    try:
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has an unreadable port: {error}") from error
    return parts


def misspelt() -> list[str]:
    """Return the variables of this product that are set although nothing reads them."""
    return sorted(name for name in os.environ if name.startswith("XIAOGUAN_") and name not in known)


def unquoted(value: str | None) -> str:
    """Undo the percent-encoding of one part of a URL."""
    return unquote(value or "")
