"""How a measure is written in a row of the dictionary, read back, and what may be wrong with it.

Facts are written as their codes with spaces between them (`won lost`), conditions as `tier=A,B; kind=3`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from xiaoguan.apps.metrics.spec import CONDITIONS, HOWS, UNITS, Condition, Measure
from xiaoguan.kit.fact import facts

NUMBERS = frozenset({"kind", "product"})
"""The dimensions whose values are ids."""
WORDS = re.compile(r"[\s,，、;；]+")


def codes(text: str) -> tuple[str, ...]:
    """The facts of a text, each once."""
    return tuple(dict.fromkeys(word for word in WORDS.split(text.strip()) if word))


def conditions(text: str) -> tuple[Condition, ...]:
    """The conditions of a text; raises ValueError for what is none."""
    found: list[Condition] = []
    for part in text.split(";"):
        if not part.strip():
            continue
        code, sign, values = (each.strip() for each in part.partition("="))
        if not sign or code not in CONDITIONS or code in {known for known, _values in found}:
            raise ValueError(part)
        words = tuple(dict.fromkeys(word.strip() for word in values.split(",")))
        found.append((code, tuple(int(word or 0) for word in words) if code in NUMBERS else words))
    return tuple(found)


def written(where: Collection[Condition]) -> str:
    """Conditions as a text that `conditions` reads back."""
    return "; ".join(f"{code}={','.join(str(value) for value in values)}" for code, values in where)


def measure(counts: str, how: str, narrowed: str) -> Measure:
    """The measure of three stored texts; raises ValueError for nonsense."""
    return Measure(codes(counts), how, conditions(narrowed))


def texts(one: Measure | None, prefix: str = "") -> dict[str, str]:
    """A measure as the three texts of a row; empty ones for none."""
    return {
        f"{prefix}counts": " ".join(one.facts) if one else "",
        f"{prefix}how": one.how if one else "",
        f"{prefix}narrowed": written(one.where) if one else "",
    }


def unit_of(one: Measure) -> str:
    """What a measure is in by itself: the unit of the amounts it adds up, or a number."""
    return facts[one.facts[0]].unit if one.how == "sum" else "count"


def unit(top: Measure, over: Measure | None) -> str:
    """What a metric is in: alike divided by alike is a rate, an amount for each is an amount."""
    if over is None:
        return unit_of(top)
    return "rate" if unit_of(top) == unit_of(over) else unit_of(top)


def checked(values: Mapping[str, Any], prefix: str = "") -> Measure:
    """The measure of a row's texts; raises ValidationError by field with what to do about it."""
    found = codes(values[f"{prefix}counts"] or "")
    if not found:
        raise ValidationError({f"{prefix}counts": _("Choose what is counted: a metric is made of at least one fact.")})
    if unknown := [code for code in found if code not in facts]:
        text = _("There is no fact %(code)s. There are: %(known)s.")
        raise ValidationError({f"{prefix}counts": text % {"code": unknown[0], "known": _(", ").join(sorted(facts))}})
    if values[f"{prefix}how"] not in HOWS:
        raise ValidationError({f"{prefix}how": _("Choose whether amounts are added up or facts counted.")})
    try:
        one = measure(values[f"{prefix}counts"], values[f"{prefix}how"], values[f"{prefix}narrowed"] or "")
    except ValueError:
        text = _("Write conditions like tier=A,B; source=tender. Possible are: %(known)s.")
        raise ValidationError({f"{prefix}narrowed": text % {"known": _(", ").join(CONDITIONS)}}) from None
    if problem := _mixed(one):
        raise ValidationError({f"{prefix}counts": problem})
    return one


def _mixed(one: Measure) -> str:
    """Why some facts can't be added up, or told apart; empty if they can."""
    if one.how == "sum":
        if bare := [facts[code] for code in one.facts if not facts[code].amount]:
            return _("“%(fact)s” has no amount: count it instead.") % {"fact": capfirst(str(bare[0].label))}
        units = {facts[code].unit: facts[code] for code in one.facts}
        if len(units) > 1:
            first, second = list(units.items())[:2]
            text = _("“%(one)s” is %(first)s and “%(other)s” is %(second)s: they can't be added up.")
            return text % {
                "one": capfirst(str(first[1].label)), "first": UNITS[first[0]],
                "other": capfirst(str(second[1].label)), "second": UNITS[second[0]],
            }  # fmt: skip
    if one.how == "customers" and (alone := [facts[code] for code in one.facts if not facts[code].of]):
        return _("“%(fact)s” is about no customer: count it instead.") % {"fact": capfirst(str(alone[0].label))}
    return ""


def check_ratio(top: Measure, over: Measure) -> None:
    """A number can't be told for each fen or day; raises ValidationError on the denominator."""
    if unit_of(over) != "count" and unit_of(top) != unit_of(over):
        text = _("%(top)s for each %(below)s says nothing: divide by a number, or by the same unit.")
        words = {"top": capfirst(str(UNITS[unit_of(top)])), "below": UNITS[unit_of(over)]}
        raise ValidationError({"over_how": text % words})
    if top == over:
        raise ValidationError({"over_counts": _("This is divided by itself: the rate would always be 100%.")})
