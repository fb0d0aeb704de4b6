"""A service that speaks as much of S3 as a storage needs: one bucket, kept in memory, asked with paths."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

NAME = "lumen"


class Bucket(ThreadingHTTPServer):
    """The bucket, and how much it still takes; beyond that it refuses as a full service does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Speaker)
        self.objects: dict[str, bytes] = {}
        self.room = 2**30

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Speaker(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Bucket

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{NAME}").lstrip("/")

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: int, code: str) -> None:
        self._say(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def do_PUT(self) -> None:
        """Take an object in, if the request is signed and there is room."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=key/"):
            self._refuse(403, "AccessDenied")
        elif len(body) > self.server.room:
            self._refuse(507, "InsufficientStorage")
        else:
            self.server.objects[self._key()] = body
            self._say(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def do_GET(self) -> None:
        """Give an object, or list the keys below a prefix."""
        if not self._key():
            self._list(parse_qs(urlsplit(self.path).query))
            return
        body = self.server.objects.get(self._key())
        if body is None:
            self._refuse(404, "NoSuchKey")
        else:
            self._say(200, body, Last_Modified=formatdate(usegmt=True), ETag=f'"{hashlib.md5(body).hexdigest()}"')

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        """Forget an object, whether it is there or not."""
        self.server.objects.pop(self._key(), None)
        self._say(204)

    def _list(self, query: dict[str, list[str]]) -> None:
        prefix = query.get("prefix", [""])[0]
        keys = [key for key in sorted(self.server.objects) if key.startswith(prefix)]
        found = "".join(f"<Contents><Key>{escape(key)}</Key><Size>1</Size></Contents>" for key in keys)
        head = f"<Name>{NAME}</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>false</IsTruncated>"
        self._say(200, f"<ListBucketResult>{head}{found}</ListBucketResult>".encode(), Content_Type="application/xml")


@contextmanager
def running() -> Iterator[Bucket]:
    """A bucket while the block runs."""
    with Bucket() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
