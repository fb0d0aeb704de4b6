"""Keeps what a foreign library sends inside the rule of `kit.outbound`: no machine of the inner network.

Such a library opens its own connections and follows redirects. While it runs, every name this thread looks up is
looked up here, and addresses that `outbound` would not call are taken out: the address that was checked is the one
that is connected to. Addresses written as numbers come this way too.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from xiaoguan.kit import outbound

_inside: ContextVar[bool] = ContextVar("xiaoguan_fence", default=False)
_looked_up = socket.getaddrinfo


@contextmanager
def fenced() -> Iterator[None]:
    """Within the block this thread reaches the public internet and the named inner machines only."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def _look_up(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
    found = _looked_up(host, port, *args, **kwargs)
    if not _inside.get():
        return found
    name = host.decode() if isinstance(host, bytes) else str(host)
    number = int(port) if str(port).isdecimal() else 0
    if outbound.allowed_inside(name.lower(), number):
        return found
    outside = [each for each in found if not outbound.forbidden(str(each[4][0]).partition("%")[0])]
    if not outside:
        raise socket.gaierror(socket.EAI_NONAME, "a machine of the inner network; it is not called")
    return outside


socket.getaddrinfo = _look_up
