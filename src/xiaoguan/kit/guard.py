"""Guards: named conditions that a higher app puts before a lower app's action, checked before the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.checks import CheckMessage, Error, register as register_check

from xiaoguan.kit.entity import entities

WRITES = frozenset({"create", "update", "delete", "restore"})
"""What the kit itself does to any entity; other names are verbs declared with `@action`."""


@dataclass(frozen=True)
class Attempt:
    """What somebody is about to do; inside the transaction, nothing is written yet.

    `rows` are the loaded rows with the new values already set (empty for create); `values` are the
    arguments of the verb, or the values of the new record or records.
    """

    action: str
    actor: Any
    rows: Sequence[Any]
    values: Any
    work: Any


@dataclass(frozen=True)
class Guard:
    """One condition: `code` names it in refusals, settings and logs, `label` for people."""

    action: str
    code: str
    label: Any
    check: Callable[[Attempt], None]

    @property
    def where(self) -> str:
        """Module and name of the function."""
        return f"{self.check.__module__}.{self.check.__qualname__}"


_said: ContextVar[Mapping[str, str]] = ContextVar("xiaoguan_guard_said", default=MappingProxyType({}))


@contextmanager
def saying(code: str, reason: str) -> Iterator[None]:
    """Let the guard with this code know that somebody who can answer is asked, and what he said (nothing yet: "")."""
    token = _said.set({**_said.get(), code: reason})
    try:
        yield
    finally:
        _said.reset(token)


def said(code: str) -> str | None:
    """The reason given for doing it all the same; None where nobody was asked."""
    return _said.get().get(code)


guards: dict[str, list[Guard]] = {}
"""Guards by full action name, `opportunities.deal.move`, in the order of registration."""


def register(action: str, *, code: str, label: Any) -> Callable[[Callable[[Attempt], None]], Callable[[Attempt], None]]:
    """Put a guard before an action; the function raises `errors.Refusal` with rule and ways out, or returns."""

    def add(func: Callable[[Attempt], None]) -> Callable[[Attempt], None]:
        guards.setdefault(action, []).append(Guard(action, code, label, func))
        return func

    return add


def check(action: str, *, work: Any, rows: Sequence[Any], values: Mapping[str, Any] | Sequence[Any]) -> None:
    """Ask every guard of an action; the first refusal ends the action, which then leaves no trace."""
    found = guards.get(action)
    if not found:
        return
    attempt = Attempt(action, work.actor, rows, values, work)
    for guard in found:
        guard.check(attempt)


@register_check()
def check_guards(**_kwargs: Any) -> list[CheckMessage]:
    """A guard stands before an action that exists, and its code is used once per action."""
    problems: list[CheckMessage] = []
    for action, found in guards.items():
        label, _dot, verb = action.rpartition(".")
        entity = entities.get(label)
        if entity is None or (verb not in WRITES and verb not in entity.actions):
            problems += [
                Error(f"{guard.where} guards {action}, which does not exist", id="kit.E011") for guard in found
            ]
        codes = [guard.code for guard in found]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            problems.append(Error(f"{action} has two guards with the code {code}", id="kit.E012"))
    return problems
