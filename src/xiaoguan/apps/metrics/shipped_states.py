"""The metrics that are measured each night: how good the records are, who stays, how deals and follow-ups go."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics import measuring  # noqa: F401  declares the facts
from xiaoguan.apps.metrics.catalogue import ship
from xiaoguan.apps.metrics.models import MarketSize
from xiaoguan.apps.metrics.readings import reading
from xiaoguan.apps.metrics.spec import Measure, Metric
from xiaoguan.apps.opportunities.models import Deal


def _one(fact: str) -> Measure:
    return Measure((fact,))


def _share(code: str, label: object, text: object, top: str, below: str, category: str, *, more: bool = True) -> Metric:
    return ship(
        Metric(code, label, text, _one(top), _one(below), unit="rate", category=category, higher_is_better=more)
    )


RECORD_COMPLETENESS = _share(
    "record_completeness", _("record completeness"),
    _("What is known of the customers one looks after, of all that can be known; at the end of each month, the running"
      " month as of last night. A quarter or year is the average of its months."),
    "points_known", "points_asked", "quality",
)  # fmt: skip
_share(
    "record_accuracy", _("record accuracy"),
    _("Of the values that can be checked (credit codes, telephone numbers, mail addresses, regions), the share that is"
      " right; at the end of each month, the running month as of last night."),
    "values_right", "values_checked", "quality",
)  # fmt: skip
_share(
    "record_timeliness", _("customers in touch"),
    _("Of the customers one looks after, the share somebody was in touch with within 90 days; at the end of each month,"
      " the running month as of last night."),
    "customers_fresh", "customers_kept", "quality",
)  # fmt: skip
_share(
    "record_duplicates", _("likely duplicates"),
    _("Of the customers one looks after, the share that is likely entered twice and not yet decided on; at the end of"
      " each month, the running month as of last night."),
    "customers_twice", "customers_kept", "quality", more=False,
)  # fmt: skip
_share(
    "steps_overdue", _("next steps overdue"),
    _("Of one's open deals, the share whose next step is overdue; at the end of each month, the running month as of"
      " last night."),
    "steps_late", "deals_open", "activity", more=False,
)  # fmt: skip
_share(
    "followups_prompt", _("follow-ups on time"),
    _("Of the follow-ups of a month, the share written down on the day or the day after; as of last night."),
    "followups_prompt", "followups_written", "activity",
)  # fmt: skip
_share(
    "retention", _("customer retention"),
    _("Of the customers with a deal won in the twelve months up to a year ago, the share with another one won since;"
      " for who looks after them now, at the end of each month."),
    "customers_stayed", "customers_before", "customers",
)  # fmt: skip
ship(
    Metric(
        "stages_forward",
        _("stage moves forward"),
        _("How often deals went on to a later stage, in the month they did, for who had them then; as of last night."),
        _one("stages_forward"),
        unit="count",
        category="deals",
    )
)
ship(
    Metric(
        "stage_days",
        _("days in a stage"),
        _(
            "Average days that deals spent in a stage, of the stages left in the month, for who had them then; as of"
            " last night."
        ),
        _one("stage_days"),
        _one("stages_left"),
        unit="days",
        higher_is_better=False,
        category="deals",
    )
)
AMOUNT = (Deal, "amount")
reading("forecast_off", _("Forecast off what came"), "money", AMOUNT)
reading("forecast_came", _("Won in months that were forecast"), "money", AMOUNT)
FORECAST_ERROR = _share(
    "forecast_error", _("forecast error"),
    _("By how much the landing forecast of each person, told when the month began, missed what he won in it, of what"
      " was won; in the month that was forecast, once it is over."),
    "forecast_off", "forecast_came", "deals", more=False,
)  # fmt: skip
reading("market_won", _("Won in known markets"), "money", AMOUNT)
reading("market_size", _("Market size"), "money", (MarketSize, "amount"))
ship(
    Metric(
        "market_share",
        _("market share"),
        _("Won amount in the markets whose size was entered for the calendar year, of a twelfth of that size each"
          " month; as of last night. By province and series: on the page of market shares."),
        _one("market_won"),
        _one("market_size"),
        unit="rate",
        seen_by="all",
    )
)  # fmt: skip
