"""Where a deal stands among its stages, and for how long, as safe HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from xiaoguan.kit import render


@dataclass(frozen=True)
class StageStep:
    """One stage of a path: its name and the days spent there (None before it was reached)."""

    name: str
    days: int | None = None


def drawn(steps: Sequence[StageStep], current: int, *, expected_days: int | None = None) -> SafeString:
    """The path of a deal: passed soft, current filled, coming grey; amber when it stays past the expected days."""
    parts = []
    for index, step in enumerate(steps):
        days = "" if step.days is None else f" {step.days}"
        kind, attribute = "", ""
        if index < current:
            kind = "is-past"
        elif index == current:
            stuck = expected_days is not None and step.days is not None and step.days > expected_days
            kind, attribute = "is-stuck" if stuck else "is-current", ' aria-current="step"'
        title = step.name if step.days is None else f"{step.name} · {_days(step.days)}"
        parts.append(
            f'<li class="{kind}"{attribute} title="{escape(title)}"><span>{escape(step.name)}</span>{days}</li>'
        )
    note = ""
    if expected_days is not None:
        said = _("Figures are days in the stage; this one usually takes %(days)s.") % {"days": _days(expected_days)}
        note = f'<p class="stages-note">{escape(said)}</p>'
    return SafeString(f'<ol class="stages" aria-label="{escape(_("Stages"))}">{"".join(parts)}</ol>{note}')


def _days(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def days_in_stage(days: int, expected: int | None = None) -> SafeString:
    """Days in the stage; amber once it is longer than usual."""
    words = ngettext("%(days)s day in stage", "%(days)s days in stage", days) % {"days": days}
    if expected is not None and days > expected:
        return render.tag(words, "amber")
    return SafeString(f"<span>{escape(words)}</span>")
