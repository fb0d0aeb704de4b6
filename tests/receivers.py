"""Other machines for tests: an HTTP server that answers as told, and a mail server with bad days."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """A running HTTP server: `answer` decides what each call gets."""

    url: str
    port: int
    calls: list[Call] = field(default_factory=list)
    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    drip: bool = False
    decide: Callable[[Call], int] | None = None


@contextmanager
def receiver() -> Iterator[Receiver]:
    """An HTTP server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            call = Call(self.path, dict(self.headers.items()), body)
            found.calls.append(call)
            status = found.decide(call) if found.decide else found.status
            time.sleep(found.seconds)
            try:
                self.send_response(status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(found.body)))
                self.end_headers()
                for at in range(0, len(found.body), 1 if found.drip else 65_536):
                    self.wfile.write(found.body[at : at + (1 if found.drip else 65_536)])
                    self.wfile.flush()
                    time.sleep(0.2 if found.drip else 0)
            except OSError:
                return

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook", server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class MailServer:
    """A running SMTP server: `mood` is fine, refuse (every recipient), later (4xx), or hang (never greets)."""

    port: int
    mails: list[tuple[str, str]] = field(default_factory=list)
    mood: str = "fine"
    greeted: int = 0


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """An SMTP server on a free port of this machine; enough of RFC 5321 for one client."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            found.greeted += 1
            if found.mood == "hang":
                time.sleep(3)
                return
            self.say("220 here")
            to = ""
            while line := self.rfile.readline().decode().strip():
                word = line[:4].upper()
                if word in ("EHLO", "HELO"):
                    self.say("250 here")
                elif word == "RCPT":
                    to = line.partition("<")[2].rstrip(">")
                    self.say({"refuse": "550 no such box", "later": "451 come back"}.get(found.mood, "250 ok"))
                elif word == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        lines.append(text)
                    found.mails.append((to, "\n".join(lines)))
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = MailServer(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
