"""Guards: they stand before an action, may refuse it without a trace, and must stand before something that exists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit import guard
from xiaoguan.kit.action import create, update
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.kit.models.change import Change

from tests.cast import Cast

asked: list[guard.Attempt] = []


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody else's guards."""
    monkeypatch.setattr(guard, "guards", {})
    yield
    asked.clear()


def no_tier_d(attempt: guard.Attempt) -> None:
    """Refuse a tier."""
    asked.append(attempt)
    if any(row.tier == "D" for row in attempt.rows):
        raise Refusal(
            "This customer can't become tier D.", "Since 1 November", code="tier", ways_out=[WayOut("Ask somebody")]
        )


@pytest.mark.django_db
def test_a_refusal_leaves_no_trace(cast: Cast) -> None:
    guard.register("customers.customer.update", code="tier", label="Tier")(no_tier_d)
    made = create(Customer, {"name": "Acme"}, actor=cast.seller)
    changes = Change.objects.count()
    with pytest.raises(Refusal) as refused:
        update(made, {"tier": "D"}, actor=cast.seller)
    assert refused.value.code == "tier"
    assert Change.objects.count() == changes
    assert Customer.objects.get(pk=made.pk).tier == ""
    assert (asked[0].actor, asked[0].action) == (cast.seller, "customers.customer.update")
    made.refresh_from_db()
    update(made, {"tier": "A"}, actor=cast.seller)
    assert Customer.objects.get(pk=made.pk).tier == "A"


@pytest.mark.django_db
def test_the_first_refusal_ends_it(cast: Cast) -> None:
    for code in ("one", "two"):
        guard.register("customers.customer.update", code=code, label=code)(no_tier_d)
    made = create(Customer, {"name": "Acme"}, actor=cast.seller)
    with pytest.raises(Refusal):
        update(made, {"tier": "D"}, actor=cast.seller)
    assert len(asked) == 1


def test_a_guard_of_nothing_is_reported() -> None:
    guard.register("customers.customer.update", code="fine", label="")(no_tier_d)
    guard.register("customers.customer.paint", code="verb", label="")(no_tier_d)
    guard.register("customers.client.update", code="entity", label="")(no_tier_d)
    guard.register("customers.customer.update", code="fine", label="")(no_tier_d)
    problems = guard.check_guards()
    assert sorted(str(problem.id) for problem in problems) == ["kit.E011", "kit.E011", "kit.E012"]


def test_wiring_lists_it(capsys: pytest.CaptureFixture[str]) -> None:
    guard.register("customers.customer.update", code="tier", label="No tier D")(no_tier_d)
    call_command("wiring")
    text = capsys.readouterr().out
    assert "customers.customer.update tier" in text
    assert "no_tier_d" in text
    assert "search.index" in text
    call_command("wiring", json=True)
    assert '"kind": "guard"' in capsys.readouterr().out
