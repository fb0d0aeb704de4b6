"""A process that sets the product up once and forks children to be killed: a start costs milliseconds, not seconds.

It reads a line for each child: `work` for a worker, `serve` for a web process; and answers with what the child is
known by: its process id, and behind it the port of a web process.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django


class Quiet(WSGIRequestHandler):
    """Requests are told by who sends them."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
        return


def say(words: str) -> None:
    """To who started this process."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def slowly(func: Callable[..., None], seconds: float) -> Callable[..., None]:
    """The same function, taking its time before its transaction ends: a kill may find it anywhere."""

    def run(*args: Any, **kwargs: Any) -> None:
        func(*args, **kwargs)
        time.sleep(seconds)

    return run


def work() -> None:
    """Take jobs until killed."""
    from xiaoguan.kit import worker

    while True:
        worker.drain()
        time.sleep(0.02)


def main() -> None:
    """Fork a child for each line until the other end closes."""
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.db import connections

    from xiaoguan.kit import bulk

    bulk.CHUNK = int(os.environ.get("BULK_CHUNK", bulk.CHUNK))
    bulk.run = slowly(bulk.run, float(os.environ.get("BULK_PAUSE", 0)))
    application = get_wsgi_application()
    connections.close_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say("ready")
    for line in sys.stdin:
        server = make_server("127.0.0.1", 0, application, handler_class=Quiet) if line.strip() == "serve" else None
        child = os.fork()
        if child == 0:
            server.serve_forever() if server else work()
        say(f"{child} {server.server_port if server else 0}")
        if server:
            server.socket.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaoguan.config.settings")
    main()
