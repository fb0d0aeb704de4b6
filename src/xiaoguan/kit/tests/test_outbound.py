"""Calls to other machines: every trick to reach the inner network, and receivers that misbehave."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from xiaoguan.kit import outbound

from tests.receivers import receiver

pytestmark = pytest.mark.once

INNER = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://１２７.０.０.１/",
    "http://0.0.0.0/",
    "http://0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c:0:0:80ff:fffe]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://localhost/",
]
UNREADABLE = [
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "//example.com/",
    "example.com",
    "http://",
    "http://exa mple.com/",
    "http://example.com/\r\nX: y",
    "http://[::1",
    "http://example.com:99999/",
]


@pytest.mark.parametrize("url", INNER)
def test_inner_machines_are_not_called(url: str) -> None:
    with pytest.raises(outbound.Unreachable) as problem:
        outbound.post(url, b"{}", {}, seconds=2)
    assert problem.value.code == "inner"


@pytest.mark.parametrize("url", [url for url in INNER if "localhost" not in url])
def test_a_form_refuses_them_at_once(url: str) -> None:
    with pytest.raises(outbound.Unreachable):
        outbound.check(url)


@pytest.mark.parametrize("url", UNREADABLE)
def test_what_is_no_web_address(url: str) -> None:
    with pytest.raises(outbound.Unreachable) as problem:
        outbound.check(url)
    assert problem.value.code == "unreadable"


@pytest.mark.parametrize("url", ["http://example.com:22/", "https://example.com:80/", "https://example.com:6379/"])
def test_only_the_ports_of_the_web(url: str) -> None:
    with pytest.raises(outbound.Unreachable) as problem:
        outbound.check(url)
    assert problem.value.code == "port"


def test_no_credentials_in_addresses() -> None:
    with pytest.raises(outbound.Unreachable) as problem:
        outbound.check("https://user:secret@example.com/")
    assert problem.value.code == "credentials"


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_pass(address: str) -> None:
    assert not outbound.forbidden(address)


def test_one_inner_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers with both would otherwise be called at the inner one sooner or later."""
    found = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.7", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    with pytest.raises(outbound.Unreachable) as problem:
        outbound.resolve("two.example.com", 80)
    assert problem.value.code == "inner"


def test_the_name_is_asked_once_and_the_answer_pinned(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """A name that turns inward between check and call gains nothing: the call goes to the checked address."""
    with receiver() as other:
        settings.INTERNAL_RECEIVERS = [f"pinned.example.com:{other.port}"]
        asked = []

        def answers(host: str, port: int, *_args: Any, **_more: Any) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (("127.0.0.1", "10.0.0.1")[len(asked) - 1], port))]

        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *args, **more: answers(host, *args, **more) if "pinned" in host else real(host, *args, **more),
        )
        answer = outbound.post(f"http://pinned.example.com:{other.port}/x?y=1", b"{}", {}, seconds=5)
        assert answer.good and asked == ["pinned.example.com"]
        assert other.calls[0].headers["Host"] == f"pinned.example.com:{other.port}"
        assert other.calls[0].path == "/x?y=1"


def test_listed_inner_machines_may_be_called(settings: Any) -> None:
    with receiver() as other:
        with pytest.raises(outbound.Unreachable):
            outbound.post(other.url, b"{}", {})
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{other.port}"]
        assert outbound.post(other.url, b'{"a": 1}', {"X-One": "1"}).status == 200
        assert other.calls[0].json == {"a": 1} and other.calls[0].headers["X-One"] == "1"
        with pytest.raises(outbound.Unreachable):
            outbound.check("http://127.0.0.1:1/")


def test_a_redirect_is_not_followed(settings: Any) -> None:
    with receiver() as other, receiver() as inner:
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{other.port}"]
        other.status, other.headers = 302, {"Location": inner.url}
        answer = outbound.post(other.url, b"{}", {})
        assert (answer.status, answer.good, inner.calls) == (302, False, [])


def test_the_time_is_for_all_of_it(settings: Any) -> None:
    """Neither silence nor an answer that drips in byte by byte holds the caller longer."""
    with receiver() as other:
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{other.port}"]
        for other.seconds, other.drip, other.body in ((2.0, False, b"ok"), (0.0, True, b"x" * 100)):
            begun = time.monotonic()
            with pytest.raises(outbound.Unreachable) as problem:
                outbound.post(other.url, b"{}", {}, seconds=0.5)
            assert problem.value.code == "slow"
            assert time.monotonic() - begun < 1.5


def test_of_a_huge_answer_only_the_beginning_is_read(settings: Any) -> None:
    with receiver() as other:
        settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{other.port}"]
        other.body = b"y" * 20_000_000
        answer = outbound.post(other.url, b"{}", {}, keep=2048)
        assert len(answer.body) == 2048


def test_nobody_there(settings: Any) -> None:
    with receiver() as other:
        port = other.port
    settings.INTERNAL_RECEIVERS = ["127.0.0.1"]
    with pytest.raises(outbound.Unreachable) as problem:
        outbound.post(f"http://127.0.0.1:{port}/", b"", {})
    assert problem.value.code == "connect"
