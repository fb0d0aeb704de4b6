"""Serve the pages, together with a worker for background jobs."""

import errno
import gc
import importlib
import socket
import sys
import threading
import time
import urllib.request
from argparse import ArgumentParser, Namespace
from contextlib import closing

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from xiaoguan.apps.operation import metrics
from xiaoguan.config import schema, static
from xiaoguan.config.commands import demo
from xiaoguan.config.refused import Refused
from xiaoguan.config.supervisor import Companion, Lifeline

PATIENCE = 60.0


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--host", default=settings.SERVE_HOST, help="address to listen on")
    parser.add_argument("--port", type=int, default=settings.SERVE_PORT, help="port to listen on")
    parser.add_argument(
        "--processes",
        type=int,
        default=settings.WEB_PROCESSES,
        help="web processes",
    )
    parser.add_argument("--no-worker", action="store_true", help="run no background jobs here")
    parser.add_argument("--access-log", action="store_true", help="print a line for every request")
    parser.add_argument(
        "--demo", action="store_true", help="first bring the schema up to date and load the demo company if empty"
    )


def run(options: Namespace) -> int:
    """Prepare, start the worker, and serve until SIGTERM or Ctrl-C."""
    _check_port(options.host, options.port)
    if options.demo:
        schema.upgrade()
        demo.load_if_empty()
    elif schema.pending():
        raise Refused("The database's schema is not the one of this version; run: xiaoguan migrate")
    static.collect()
    if settings.METRICS:
        metrics.tidy(settings.METRICS_FOLDER)
    logins = demo.logins()
    _load()
    lifeline = Lifeline()
    worker = [sys.executable, "-m", "xiaoguan.config.cli", "worker"]
    companion = None if options.no_worker else Companion(worker, lifeline)
    threading.Thread(target=_announce, args=(options.host, options.port, logins), daemon=True).start()
    try:
        _server(options).serve()
    finally:
        if companion:
            companion.stop()
    return 0


def _load() -> None:
    """Load the application here, once: what is broken is said once, and forked web processes share its memory."""
    importlib.import_module("xiaoguan.config.wsgi")
    assert get_resolver().url_patterns
    connections.close_all()
    gc.collect()
    gc.freeze()


def _server(options: Namespace) -> Server:
    """Return the web server: WSGI, several processes with a few threads each."""
    return Server(
        "xiaoguan.config.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.processes,
        blocking_threads=settings.WEB_THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_level=LogLevels.warning,
        log_access=options.access_log,
    )


def _check_port(host: str, port: int) -> None:
    """Refuse at once, in a sentence, what would otherwise fail in every web process."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refused(f"Port {port} is taken by another program; choose one with PORT={port + 1}.") from error
            raise Refused(f"Cannot listen on {host}:{port}: {error.strerror}") from error


def _announce(host: str, port: int, logins: list[tuple[str, str, str]]) -> None:
    """Say where the pages are as soon as they can be opened."""
    time.sleep(0.5)  # asleep while the web processes are forked: a thread at work could take a lock with it
    shown = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host
    shown = f"[{shown}]" if ":" in shown else shown
    deadline = time.monotonic() + PATIENCE
    while not _answers(f"http://{shown}:{port}/healthz"):
        if time.monotonic() > deadline:
            print("The pages do not answer yet; see the messages above.", file=sys.stderr, flush=True)
            return
        time.sleep(0.1)
    address = f"{settings.PUBLIC.scheme}://{settings.PUBLIC.netloc}" if settings.PUBLIC else f"http://{shown}:{port}"
    lines = ["", f"Xiaoguan is ready: {address}/"]
    if logins:
        width = max(len(name) for name, _password, _role in logins)
        lines.append("Demo logins:")
        lines += [f"  {name:{width}}  {password}  {role}" for name, password, role in logins]
    print("\n".join([*lines, "Ctrl-C stops it.", ""]), flush=True)


def _answers(url: str) -> bool:
    """Return whether the process behind the address serves requests."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": "localhost"}), timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
