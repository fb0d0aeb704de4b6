"""Calls to machines outside: one request to an address that was resolved, checked and pinned.

Whoever types an address may try to make this server talk to its own network. So the name is resolved once,
every address behind it must be a public one, the connection goes to that very address, and no redirect is
followed. `XIAOGUAN_INTERNAL_RECEIVERS` names the inner machines that may be called all the same.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.errors import KitError

PORTS = {"http": 80, "https": 443}
PUBLIC_V6 = ipaddress.ip_network("2000::/3")
TRANSLATED_V6 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv4 machines as networks without IPv4 write them; the last four bytes are the real address."""
NEVER = [
    ipaddress.ip_network(text)
    for text in "2001::/23 2001:db8::/32 2002::/16 3fff::/20 168.63.129.16/32 192.0.0.0/24 192.88.99.0/24".split()
]
"""Tunnels and documentation, and the one public-looking address that a cloud answers to with its inner affairs."""
PORTION = 1 << 16
TRIED = 2
"""How many addresses of one name are tried."""


REASONS: dict[str, Any] = {
    "unreadable": _("This is not a web address: it begins with https:// or http://."),
    "credentials": _("User name and password don't belong into the address."),
    "port": _("Only the ports 80 (http) and 443 (https) are called."),
    "name": _("The name %(detail)s is not known."),
    "inner": _("%(detail)s is a machine of the inner network; it is not called."),
    "slow": _("No answer within the time allowed."),
    "certificate": _("The secure connection was refused: %(detail)s"),
    "connect": _("Nothing listens at this address."),
    "broken": _("The connection broke off before an answer came."),
    "status": _("It answered with status %(detail)s."),
    "large": _("What it sent is larger than %(detail)s MB."),
    "full": _("There is no room left on the disk to keep what it sent."),
    "redirect": _("It answered with a redirect (%(detail)s); enter the final address."),
}
"""Why something did not arrive, by code; apps add their own."""


class Unreachable(KitError):
    """The other machine could not be called or did not answer; kept as `stored`, read by `words` in any language."""

    def __init__(self, code: str, detail: Any = "") -> None:
        super().__init__(code)
        self.code = code
        self.stored = f"{code}|{detail}" if detail else code

    def __str__(self) -> str:
        return words(self.stored)


def words(stored: str) -> str:
    """A stored reason in the reader's language."""
    code, _bar, detail = stored.partition("|")
    return str(REASONS[code]) % {"detail": detail} if code in REASONS else stored


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the first bytes of the body, how long it took."""

    status: int
    body: bytes
    milliseconds: int
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the receiver took it; a redirect is no answer."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as far as it is text."""
        return self.body.decode("utf-8", "replace").replace("\x00", "")


def read(url: str) -> tuple[SplitResult, str, int]:
    """The parts of an address, its host in ASCII and its port; Unreachable for what is never called."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
    except (ValueError, UnicodeError) as error:
        raise Unreachable("unreadable") from error
    if parts.scheme not in PORTS or not host or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url.strip()):
        raise Unreachable("unreadable")
    if parts.username is not None or parts.password is not None:
        raise Unreachable("credentials")
    usual = PORTS[parts.scheme]
    port = usual if port is None else port
    if port != usual and not allowed_inside(host, port):
        raise Unreachable("port")
    return parts, host, port


def allowed_inside(host: str, port: int) -> bool:
    """Whether the installation names this machine as one that may be called whatever its address."""
    listed = settings.INTERNAL_RECEIVERS
    bare = f"[{host}]" if ":" in host else host
    return bare in listed or f"{bare}:{port}" in listed


def forbidden(address: str) -> bool:
    """Whether an IP address is none of the public internet: private, loopback, link-local, metadata, a tunnel."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return forbidden(str(ip.ipv4_mapped))
        if ip in TRANSLATED_V6:
            return forbidden(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in PUBLIC_V6:
            return True
    return not ip.is_global or ip.is_multicast or any(ip in net for net in NEVER if net.version == ip.version)


def resolve(host: str, port: int) -> list[str]:
    """The addresses to connect to; Unreachable when there are none or any of them is an inner one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable("name", host) from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not allowed_inside(host, port) and any(forbidden(each) for each in addresses):
        raise Unreachable("inner", host)
    return addresses


def check(url: str) -> None:
    """Raise Unreachable for an address that would never be called; for forms, so no name is looked up."""
    _parts, host, port = read(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        found = []  # a name: what is behind it is checked at each call
    if not allowed_inside(host, port) and any(forbidden(str(each[4][0])) for each in found):
        raise Unreachable("inner", host)


class _Connection(http.client.HTTPConnection):
    """A connection to one checked address that still speaks to the host by its name."""

    def __init__(self, host: str, port: int, address: str, seconds: float, *, tls: bool) -> None:
        super().__init__(host, port, timeout=seconds)
        self.default_port = PORTS["https" if tls else "http"]
        self._address, self._tls = address, tls
        self.wire: socket.socket | None = None

    def connect(self) -> None:
        """Open the socket to the pinned address; the certificate must be the name's."""
        self.sock = self.wire = socket.create_connection((self._address, self.port), self.timeout)
        if self._tls:
            context = ssl.create_default_context()
            secure = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self.wire = secure
            secure.do_handshake()

    def cut(self) -> None:
        """End whatever is going on, from another thread."""
        if self.wire is not None:
            with contextlib.suppress(OSError, ValueError):
                socket.socket.shutdown(self.wire, socket.SHUT_RDWR)


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = 10.0, keep: int = 2048) -> Answer:
    """Send one POST and return what came back; Unreachable when nothing did within the time for all of it."""
    return _call("POST", url, body, headers, seconds, lambda answer: answer.read(keep))


def fetch(url: str, headers: Mapping[str, str], out: IO[bytes], *, seconds: float, most: int) -> Answer:
    """Send one GET and write the body of a good answer to `out`; Unreachable also when it is more than `most` bytes."""

    def take(answer: http.client.HTTPResponse) -> bytes:
        size = 0
        while answer.status < 300 and (part := answer.read(PORTION)):
            size += len(part)
            if size > most:
                raise Unreachable("large", most >> 20)
            try:
                out.write(part)
            except OSError as error:
                raise Unreachable("full") from error
        return b""

    return _call("GET", url, None, headers, seconds, take)


Take = Callable[[http.client.HTTPResponse], bytes]


def _call(method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float, take: Take) -> Answer:
    """One request to the first address behind a name that answers."""
    parts, host, port = read(url)
    addresses = resolve(host, port)[:TRIED]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    ends = time.monotonic() + seconds
    for last, address in ((each is addresses[-1], each) for each in addresses):
        connection = _Connection(host, port, address, max(0.1, ends - time.monotonic()), tls=parts.scheme == "https")
        try:
            return _exchange(connection, (method, path, body), headers, max(0.1, ends - time.monotonic()), take)
        except Unreachable as problem:
            if last or problem.code != "connect":
                raise
    raise Unreachable("name", host)


def _exchange(
    connection: _Connection,
    what: tuple[str, str, bytes | None],
    headers: Mapping[str, str],
    seconds: float,
    take: Take,
) -> Answer:
    """One request on one connection, cut off when its time is over however the other side dawdles."""
    begun, late = time.monotonic(), threading.Event()

    def cut() -> None:
        late.set()
        connection.cut()

    clock = threading.Timer(seconds, cut)
    clock.daemon = True
    clock.start()
    try:
        connection.request(*what, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        kept = take(answer)
        said = {name.lower(): value for name, value in answer.getheaders()}
        if late.is_set():
            raise TimeoutError
        return Answer(answer.status, kept, int((time.monotonic() - begun) * 1000), said)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failure(error, late=late.is_set(), connected=connection.wire is not None) from error
    finally:
        clock.cancel()
        connection.close()


def _failure(error: Exception, *, late: bool, connected: bool) -> Unreachable:
    """What went wrong."""
    if late or isinstance(error, TimeoutError):
        return Unreachable("slow")
    if isinstance(error, ssl.SSLError):
        return Unreachable("certificate", error.reason or "")
    if not connected:
        return Unreachable("connect")
    return Unreachable("broken")
