"""What stands out, said in plain sentences that are computed, never typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _, ngettext, pgettext

from xiaoguan.apps.goals import pace_bar
from xiaoguan.apps.insight.outlook import Outlook
from xiaoguan.calc.figure import format_probability
from xiaoguan.kit import render

UNLIKELY = 0.1
PARTS = 3


def of_members(outlooks: Sequence[tuple[str, Outlook]]) -> list[str]:
    """At most three things worth a look among people or teams: the first, the unlikely, who can close the gap."""
    known = [(name, one) for name, one in outlooks if one.target]
    said = []
    ranked = sorted(known, key=lambda pair: -(pair[1].attainment or 0))
    if ranked and (ranked[0][1].attainment or 0) > 0:
        name, one = ranked[0]
        words = {"name": name, "share": render.percent(one.attainment)}
        said.append(_("%(name)s leads with %(share)s") % words)
    behind = sorted((pair for pair in known if pair[1].ahead < 0), key=lambda pair: pair[1].ahead)
    if behind:
        name, one = behind[0]
        words = {"name": name, "amount": render.money_brief(-one.ahead), "chance": format_probability(one.probability)}
        said.append(_("%(name)s is furthest behind, by %(amount)s; the probability is %(chance)s") % words)
    able = [(name, one) for name, one in behind if one.pipeline.weighted and (one.probability or 0) > UNLIKELY]
    if able:
        name, one = max(able, key=lambda pair: pair[1].pipeline.weighted)
        words = {"name": name, "amount": render.money_brief(one.pipeline.full), "count": one.pipeline.count}
        text = ngettext(
            "%(name)s still has %(amount)s in %(count)s deal due this period",
            "%(name)s still has %(amount)s in %(count)s deals due this period",
            one.pipeline.count,
        )
        said.append(text % words)
    return said[:PARTS]


def of_outlook(one: Outlook) -> list[tuple[str, str]]:
    """How the figures of a strip come about: label and words, line by line."""
    days = one.progress
    return [
        (
            pgettext("amount so far", "Won"),
            _("%(amount)s in %(count)s deals won") % {"amount": render.money_text(one.done), "count": one.wins},
        ),
        (
            _("On pace"),
            _("%(target)s × %(elapsed)s of %(total)s working days = %(expected)s")
            % {
                "target": render.money_text(one.target),
                "elapsed": days.elapsed,
                "total": days.total,
                "expected": render.money_text(one.expected),
            },
        ),
        (
            _("Open deals due"),
            _("%(count)s deals, %(full)s in all, %(weighted)s by probability")
            % {
                "count": one.pipeline.count,
                "full": render.money_text(one.pipeline.full),
                "weighted": render.money_text(one.pipeline.weighted),
            },
        ),
        (
            _("Still to come"),
            _("%(amount)s of deals not opened yet, as in the same stretch of earlier periods")
            % {"amount": render.money_text(one.landing.fresh)},
        ),
        (_("Landing"), _landing(one)),
        (
            _("Probability"),
            _("Over every combination of all of these being won or lost: %(chance)s")
            % {"chance": format_probability(one.probability)},
        ),
    ]


def _landing(one: Outlook) -> str:
    words: Mapping[str, str] = {
        "low": render.money_text(one.landing.low),
        "high": render.money_text(one.landing.high),
        "middle": render.money_text(one.landing.middle),
    }
    if one.landing.low == one.landing.high == one.done:
        return _("Nothing to go by yet beyond what is done.")
    return _("%(low)s to %(high)s, on average %(middle)s; 8 times of 10 it ends there") % words


def verdict(one: Outlook) -> str:
    """Behind or ahead by how much."""
    return pace_bar.pace_words(one.bar)
