"""The one throttle of everything that can be guessed: passwords, codes, one-time links.

Failed tries are counted per account and per address in the database, so that all processes count alike. After some
free ones each further failure doubles the wait. A try counts as failed before it is looked at and is forgiven when it
was right: many at once can't slip past the count. Names nobody has are counted like names somebody has.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import ngettext

from xiaoguan.apps.org import signins
from xiaoguan.apps.org.models import Attempts, Person
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.kit import clock


@dataclass(frozen=True)
class Rule:
    """How many failures are free, how long the first and the longest wait is, after how much quiet all is forgotten."""

    free: int
    first: dt.timedelta
    longest: dt.timedelta
    quiet: dt.timedelta

    def wait(self, failures: int) -> dt.timedelta | None:
        """The wait after so many failures in a row; None while they are free."""
        if failures < self.free:
            return None
        return min(self.first * 2 ** min(failures - self.free, 30), self.longest)


MINUTE = dt.timedelta(minutes=1)
ACCOUNT = Rule(5, MINUTE, 30 * MINUTE, dt.timedelta(days=1))


def address_rule() -> Rule:
    """An office shares one address: more is free, and sooner forgotten."""
    return Rule(settings.ADDRESS_TRIES, MINUTE, 15 * MINUTE, 10 * MINUTE)


class Locked(ValidationError):
    """Too many failures; `until` is when the next try is looked at."""

    def __init__(self, until: dt.datetime) -> None:
        self.until = until
        minutes = max(1, math.ceil((until - clock.machine_now()).total_seconds() / 60))
        text = ngettext(
            "Too many failed tries. The next one is possible in %(minutes)s minute, at %(time)s.",
            "Too many failed tries. The next one is possible in %(minutes)s minutes, at %(time)s.",
            minutes,
        )
        shown = clock.local(until) + dt.timedelta(seconds=59)
        super().__init__(text % {"minutes": minutes, "time": f"{shown:%H:%M}"}, code="locked")


@dataclass(frozen=True)
class Try:
    """A try under way, counted as failed until it is known to be right."""

    account: str
    address: str

    def succeed(self) -> None:
        """It was right: the account starts anew, the address is forgiven this one."""
        Attempts.objects.filter(key=self.account).delete()
        with transaction.atomic():
            row = Attempts.objects.select_for_update().filter(key=self.address).first()
            if row is not None:
                row.failures = max(0, row.failures - 1)
                row.until = None if address_rule().wait(row.failures) is None else row.until
                row.save(update_fields=["failures", "until"])


def begin(
    request: HttpRequest | None, kind: Kind, *, person: Person | None = None, name: str = "", address_only: bool = False
) -> Try:
    """Count a try for a person, or for a typed name, and for the address it comes from; raises Locked."""
    address, _agent = signins.visitor(request)
    who = f"person:{person.pk}" if person else f"name:{name.strip().casefold()}"
    keys = Try("" if address_only else _key(kind, who), _key("address", address) if address else "")
    try:
        if keys.address:
            _count(keys.address, address_rule(), None, address)
        if keys.account:
            try:
                _count(keys.account, ACCOUNT, person, "")
            except Locked:
                _forgive(keys.address)
                raise
    except Locked as problem:
        signins.record_once(request, kind, Outcome.LOCKED, person)
        if request is not None:
            request.locked_until = problem.until  # type: ignore[attr-defined]
        raise
    return keys


def _key(kind: str, who: str) -> str:
    return signins.digest(f"{kind}:{who}")


def _forgive(address: str) -> None:
    """What waits for an account was not looked at: it is no failure of the address."""
    if address:
        Try("", address).succeed()


def _count(key: str, rule: Rule, person: Person | None, address: str) -> None:
    """Add one failure, or raise Locked without adding: who keeps trying must not keep others out for ever."""
    now = clock.machine_now()
    with transaction.atomic():
        row = _row(key, person, address, now)
        if row.until is not None and row.until > now:
            raise Locked(row.until)
        row.failures = 1 if now - row.last_at > rule.quiet else row.failures + 1
        row.last_at = now
        wait = rule.wait(row.failures)
        row.until = None if wait is None else now + wait
        row.save(update_fields=["failures", "last_at", "until"])


def _row(key: str, person: Person | None, address: str, now: dt.datetime) -> Attempts:
    """The counter of a key, locked until the transaction ends."""
    rows = Attempts.objects.select_for_update()
    found = rows.filter(key=key).first()
    if found is None:
        try:
            with transaction.atomic():
                Attempts.objects.create(key=key, person=person, address=address, last_at=now)
        except IntegrityError:
            pass  # somebody else was first
        found = rows.get(key=key)
    return found


def locks() -> list[Attempts]:
    """What is locked now, longest wait first."""
    rows = Attempts.objects.filter(until__gt=clock.machine_now())
    return list(rows.select_related("person").order_by("-until")[:200])


def lift(key: int) -> Attempts | None:
    """Forget the failures of one lock."""
    row = Attempts.objects.select_related("person").filter(pk=key).first()
    if row is not None:
        Attempts.objects.filter(pk=key).delete()
    return row


def sweep() -> int:
    """Drop counters that nobody needs any more; returns how many."""
    old = clock.machine_now() - max(ACCOUNT.quiet, address_rule().quiet)
    return Attempts.objects.filter(last_at__lt=old).delete()[0]
