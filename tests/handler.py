"""A pytest plugin: the middleware of test clients is loaded once per process, as it is in the product.

Django loads it for every client, which each time looks at every static file. Where a test has settings of its own it
is loaded anew.
"""

from __future__ import annotations

from typing import Any

from django.conf import UserSettingsHolder, settings
from django.test.client import ClientHandler

PARTS = ("_middleware_chain", "_view_middleware", "_template_response_middleware", "_exception_middleware")

_load = ClientHandler.load_middleware
_kept: dict[str, Any] = {}


def load_once(handler: ClientHandler, is_async: bool = False) -> None:
    """Give a handler the middleware that another one has loaded."""
    if is_async or isinstance(settings._wrapped, UserSettingsHolder):
        _load(handler, is_async)
        return
    if not _kept:
        _load(handler)
        _kept.update({name: getattr(handler, name) for name in PARTS})
    for name, value in _kept.items():
        setattr(handler, name, value)


ClientHandler.load_middleware = load_once
