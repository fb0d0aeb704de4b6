"""Sums say what credits say: whole, in part, out of date, while others write."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

import pytest

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.metrics import rollups, sources
from xiaoguan.apps.metrics.models import Rolled, Stale
from xiaoguan.apps.metrics.queries import Figures, figures
from xiaoguan.apps.metrics.shipped import NEW_CUSTOMERS, RECEIPTS, WIN_RATE, WON_COUNT
from xiaoguan.apps.metrics.spec import Measure, Metric, Slice
from xiaoguan.apps.org.models import Person, Role, Team
from xiaoguan.kit import job, memo, worker
from xiaoguan.kit.action import create, update
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.models.job import Job

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 1, 1), date(2026, 3, 31)
METRICS = [RECEIPTS, WIN_RATE, WON_COUNT]
BY = ["person", "unit", "day", "week", "month", "quarter", "year"]


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any company is large enough here."""
    monkeypatch.setattr(rollups, "WORTH", 0)


@pytest.fixture
def people() -> list[Person]:
    """Three people with credits of fifteen months in two teams, negative and shared ones among them."""
    chance = random.Random(5)
    teams = [Team.objects.create(name=f"T{n}") for n in range(2)]
    found = [Person.objects.create_user(f"p{n}") for n in range(3)]
    rows = [
        Credit(
            fact=chance.choice(["receipt", "refund", "won", "lost"]), entity="x", object_id=n,
            person=chance.choice([*found, None]), unit=chance.choice([*teams, None]),
            on=FIRST + timedelta(chance.randrange((LAST - FIRST).days + 1)),
            split=chance.choice([100_000, 33_333]), amount=chance.randrange(-9_000_000, 90_000_000),
        )
        for n in range(600)
    ]  # fmt: skip
    Credit.objects.bulk_create(rows)
    return found


def slices(people: list[Person]) -> Iterator[Slice]:
    """Whole and broken months, everybody and some, teams and none."""
    team = Team.objects.get(name="T1").pk
    spans = [(FIRST, LAST), (date(2025, 2, 10), date(2025, 11, 3)), (date(2025, 5, 5), date(2025, 5, 9))]
    for first, last in [*spans, (date(2025, 1, 3), date(2025, 12, 29))]:
        yield Slice(first, last)
        yield Slice(first, last, people=[people[0].pk, people[2].pk])
        yield Slice(first, last, units=[team])
        yield Slice(first, last, people=[people[1].pk], units=[team])


def everything(people: list[Person]) -> list[Figures]:
    """The figures of all slices by none, one and two dimensions."""
    pairs = [list(pair) for size in (0, 1, 2) for pair in combinations(BY, size)]
    return [figures(METRICS, where, by) for where in slices(people) for by in pairs]


def test_sums_are_the_credits(people: list[Person]) -> None:
    """In every slice and grain, with all months summed, with some out of date, and with the rest missing."""
    plain = [found.rows for found in everything(people)]
    rollups.rebuild()
    memo.forget()
    assert rollups.in_use()
    assert [found.rows for found in everything(people)] == plain
    rollups.mark({("receipt", date(2025, 3, 1)), ("", date(2025, 6, 1))})
    Rolled.objects.filter(fact="won", month__lt=date(2025, 9, 1)).delete()
    assert [found.rows for found in everything(people)] == plain


def test_sums_are_really_read(people: list[Person]) -> None:
    """Where they fit, what stands in them is what is said; where something else is asked, credits are."""
    before = figures(METRICS, Slice(FIRST, LAST)).value(RECEIPTS)
    rollups.rebuild()
    memo.forget()
    Credit.objects.all().delete()
    assert figures(METRICS, Slice(FIRST, LAST)).value(RECEIPTS) == before
    assert figures(METRICS, Slice(FIRST, LAST, people=[people[0].pk]), ["day"]).rows == {}
    narrow = Metric("n", "n", "", Measure(("receipt",), "sum", (("tier", ("A",)),)))
    assert not sources.stretches(narrow.measures, [], Slice(FIRST, LAST), rollups.ready())
    assert not sources.stretches(RECEIPTS.measures, ["industry"], Slice(FIRST, LAST), rollups.ready())


def test_a_month_is_read_whole_where_nothing_lies_outside_the_days(people: list[Person]) -> None:
    """Until something does: then the statement itself says so, and credits are read."""
    Credit.objects.filter(on__gte=date(2026, 3, 20)).delete()
    rollups.rebuild()
    memo.forget()
    where = Slice(date(2026, 1, 1), date(2026, 3, 20))
    cut = sources.stretches(RECEIPTS.measures, ["person"], where, rollups.ready())
    assert {(each.source, each.first, each.last) for each in cut} == {("people", where.first, where.last)}
    before = figures(METRICS, where, ["person"]).rows
    template = Credit.objects.filter(fact="receipt").first()
    assert template is not None
    Credit.objects.create(
        fact="receipt", entity="x", object_id=9_999, person=template.person, on=date(2026, 3, 25), amount=7
    )
    rollups.make(rollups.Month(date(2026, 3, 1), "receipt"))  # ready() has not heard of it
    assert figures(METRICS, where, ["person"]).rows == before


def test_what_is_written_shows_at_once_and_is_summed_later(people: list[Person]) -> None:
    """A record that is written, moved to another month and deleted counts as it stands, before and after the job."""
    rollups.rebuild()
    memo.forget()
    boss = Person.objects.create_user("boss")
    boss.roles.add(Role.objects.get(code="director"))
    where = Slice(FIRST, LAST)

    def counted() -> list[int | None]:
        found = figures([NEW_CUSTOMERS], where, ["month"])
        return [found.value(NEW_CUSTOMERS, (f"2026-0{month}-01",)) for month in (1, 2)]

    row = create(Customer, {"name": "One", "since": date(2026, 1, 5)}, actor=boss)
    assert counted() == [1, 0]
    run()
    assert not Stale.objects.exists()
    assert counted() == [1, 0]
    update(row, {"since": date(2026, 2, 7)}, actor=boss)
    assert counted() == [0, 1]
    run()
    assert counted() == [0, 1]


def test_a_change_that_commits_while_sums_are_made_stays_marked(people: list[Person]) -> None:
    """Marks that were not there when the making began are left for the next time."""
    rollups.rebuild()
    rollups.mark({("won", date(2025, 3, 3))})
    original = rollups._summing

    def late(*words: object) -> str:
        if not Stale.objects.filter(fact="won", month=date(2025, 3, 1)).count() > 1:
            rollups.mark({("won", date(2025, 3, 4))})
        return original(*words)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollups, "_summing", late)
        rollups.make(rollups.Month(date(2025, 3, 1), "won"))
    assert Stale.objects.filter(fact="won", month=date(2025, 3, 1)).count() == 1


def test_a_small_company_keeps_no_sums(people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    """The job forgets the marks and makes nothing."""
    monkeypatch.setattr(rollups, "WORTH", 10_000)
    rollups.mark({("won", date(2025, 3, 3))})
    run()
    assert (Stale.objects.count(), Rolled.objects.count()) == (0, 0)


def run() -> None:
    """Run the job."""
    made = job.enqueue("metrics.rollups")
    worker.drain()
    assert Job.objects.get(pk=made.pk).state == Job.State.DONE
