"""Charts of homes and dashboards: their data as specs for kit.charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, pgettext

from xiaoguan.apps.insight.outlook import Month, Outlook
from xiaoguan.apps.insight.work import StageSum
from xiaoguan.apps.metrics.pages import records_url
from xiaoguan.calc.period import Period
from xiaoguan.kit import render
from xiaoguan.kit.charts import chart
from xiaoguan.kit.gauges import bar


def month_names() -> list[str]:
    """Short names of the months, January first."""
    return _("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec").split("|")


def trend(
    months: Sequence[Month],
    year: Period,
    today: date,
    *,
    person: int | None = None,
    team: int | None = None,
    landing: int | None = None,
    size: str = "tile-8",
) -> SafeString:
    """Won amount of each month as columns, the target as a stepped line, the running month's landing hatched."""
    names = month_names()
    labels = [names[month.first.month - 1] for month in months]
    ends = {period.start: period.end for period in year.split("month")}
    links = [
        records_url("won_amount", month.first, ends[month.first], person=person, team=team)
        if month.first <= today else None
        for month in months
    ]  # fmt: skip
    series = [
        {
            "name": pgettext("amount so far", "Won"),
            "values": [m.value if m.first <= today else None for m in months],
            "links": links,
        },
    ]
    aimed = any(month.target is not None for month in months)
    if aimed:
        series.append({"name": _("Target"), "kind": "step", "values": [month.target for month in months]})
    if landing is not None:
        rest = [max(0, landing - m.value) if m.first == today.replace(day=1) else None for m in months]
        series.insert(1, {"name": _("Landing"), "kind": "hatch", "values": rest})
    done = sum(month.value for month in months)
    aim = sum(month.target or 0 for month in months)
    words = {"year": year.code, "done": render.money_text(done), "aim": render.money_text(aim)}
    spec = {"kind": "columns", "labels": labels, "measure": "money", "series": series}
    if not aimed:
        sentence = _("Won amount by month in %(year)s: %(done)s.") % words
        return chart(spec, title=_("Won amount"), fact=f"{year.code} · {words['done']}", sentence=sentence, size=size)
    return chart(
        spec,
        title=_("Won amount and target"),
        fact=_("%(year)s, %(done)s of %(aim)s") % words,
        sentence=_("Won amount by month in %(year)s against the target: %(done)s of %(aim)s.") % words,
        size=size,
    )


def funnel(stages: Sequence[StageSum], *, size: str = "tile-4", owner: str = "") -> SafeString:
    """Open deals by stage, amounts as bars; each bar opens its deals."""
    total = sum(each.amount for each in stages)
    count = sum(each.count for each in stages)
    suffix = f"&owner={owner}" if owner else ""
    spec = {
        "kind": "bars",
        "labels": [str(each.stage) for each in stages],
        "measure": "money",
        "series": [
            {
                "name": _("Amount"),
                "values": [each.amount for each in stages],
                "notes": [_("%(n)s deals") % {"n": each.count} for each in stages],
                "links": [
                    f"{reverse('deals:list')}?view=all&status=open&stage={each.stage.pk}{suffix}" for each in stages
                ],
            }
        ],
    }
    words = {"count": count, "amount": render.money_text(total)}
    return chart(
        spec,
        title=_("Pipeline by stage"),
        fact=_("%(count)s open deals, %(amount)s") % words,
        sentence=_("Open deals by stage: %(count)s deals, %(amount)s.") % words,
        size=size,
    )


def rank(rows: Sequence[tuple[str, str, Outlook]], whole: int) -> SafeString:
    """A leaderboard: name, bar, amount, attainment; `rows` are (name, address, outlook) from the first on."""
    items = []
    for name, url, one in rows:
        label = f"{name} {render.money_text(one.done)}"
        items.append(
            format_html(
                '<li><a class="rank-name" href="{}">{}</a>{}'
                '<span class="num">{}</span><span class="num muted">{}</span></li>',
                url,
                name,
                bar(one.done, whole, label, thin=True),
                render.amount(one.done),
                render.percent(one.attainment),
            )
        )
    return SafeString(f'<ol class="rank">{"".join(items)}</ol>')
