"""Addresses for apprise reach no machine of the inner network."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from xiaoguan.apps.notices import fence, robots
from xiaoguan.kit import outbound


@pytest.fixture
def inner() -> Iterator[tuple[int, list[str]]]:
    """A machine of the inner network that takes whatever it gets: its port, and what came."""
    came: list[str] = []

    class Takes(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1], came
    server.shutdown()


def test_apprise_stays_outside(inner: tuple[int, list[str]], settings: Any) -> None:
    """By number and by name; a machine the installation names is called; this machine's own desktop is not."""
    port, came = inner
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(outbound.Unreachable):
            robots.say(robots.Target("other", f"json://{host}:{port}/x"), "hello")
    assert came == []
    settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{port}"]
    assert robots.say(robots.Target("other", f"json://127.0.0.1:{port}/x"), "hello") == "ok"
    assert len(came) == 1
    with pytest.raises(outbound.Unreachable):
        robots.say(robots.Target("other", "syslog://"), "hello")


def test_others_are_left_alone() -> None:
    """Outside the block names are looked up as ever."""
    assert socket.getaddrinfo("127.0.0.1", 80)
    with fence.fenced(), pytest.raises(socket.gaierror):
        socket.getaddrinfo("127.0.0.1", 80)
