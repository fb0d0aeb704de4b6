"""Nested conditions as text in an address: `and(stage:2,3;or(amount:50000..;not(owner:me)))`.

Pure: text to a tree and back. What a name and its value mean is for `kit.filters` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 2000
DEEPEST = 6
MOST = 40
OPS = ("and", "or", "not")
_MARKS = frozenset('();"')
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class Malformed(ValueError):
    """Text that is no expression, or one beyond the limits of length, depth and number of conditions."""


@dataclass(frozen=True)
class Term:
    """One condition: a field's name and what a filter's parameter would say of it."""

    name: str
    raw: str


@dataclass(frozen=True)
class Group:
    """Conditions that hold all (`and`), at least one (`or`) or none of them (`not`)."""

    op: str
    parts: tuple[Node, ...]


Node = Term | Group


def tests(node: Node) -> Iterator[Term]:
    """Every condition of a tree, in reading order."""
    if isinstance(node, Term):
        yield node
    else:
        for part in node.parts:
            yield from tests(part)


def write(node: Node) -> str:
    """The text of a tree; values that hold marks of the language are quoted."""
    if isinstance(node, Group):
        return f"{node.op}({';'.join(write(part) for part in node.parts)})"
    quoted = bool(_MARKS & set(node.raw)) or node.raw != node.raw.strip() or not node.raw
    return f'{node.name}:"{node.raw.replace(chr(34), chr(34) * 2)}"' if quoted else f"{node.name}:{node.raw}"


def parse(text: str) -> Node:
    """The tree of a text; raises Malformed."""
    if len(text) > LONGEST or "\x00" in text:
        raise Malformed
    reader = _Reader(text)
    found = reader.node(1)
    if reader.at != len(text):
        raise Malformed
    return found


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.count = 0

    def node(self, depth: int) -> Node:
        """A condition or a group."""
        if depth > DEEPEST:
            raise Malformed
        word = self._word()
        mark = self._take()
        if mark == ":":
            self.count += 1
            if self.count > MOST:
                raise Malformed
            return Term(word, self._value())
        if mark != "(" or word not in OPS:
            raise Malformed
        return Group(word, tuple(self._parts(depth + 1)))

    def _parts(self, depth: int) -> Iterator[Node]:
        while True:
            yield self.node(depth)
            mark = self._take()
            if mark == ")":
                return
            if mark != ";":
                raise Malformed

    def _take(self) -> str:
        mark = self.text[self.at : self.at + 1]
        self.at += 1
        return mark

    def _word(self) -> str:
        start = self.at
        while self.text[self.at : self.at + 1] in _NAME and self.at < len(self.text):
            self.at += 1
        if not 0 < self.at - start <= 120:
            raise Malformed
        return self.text[start : self.at]

    def _value(self) -> str:
        if self.text[self.at : self.at + 1] == '"':
            return self._quoted()
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _MARKS:
            self.at += 1
        if self.at == start:
            raise Malformed
        return self.text[start : self.at]

    def _quoted(self) -> str:
        found = []
        self.at += 1
        while self.at < len(self.text):
            mark = self._take()
            if mark != '"':
                found.append(mark)
            elif self.text[self.at : self.at + 1] == '"':
                found.append(self._take())
            else:
                return "".join(found)
        raise Malformed
