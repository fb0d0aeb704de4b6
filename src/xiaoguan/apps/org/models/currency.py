"""Money in other currencies: dated rates, and documents that keep the amount as agreed beside that in yuan."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.calc.errors import MoneyError
from xiaoguan.calc.money import convert, to_minor
from xiaoguan.kit import clock, feed, memo
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.record import Record

LEAST = Decimal("0.000001")


class Currency(models.TextChoices):
    """The currencies money comes in beside the company's own."""

    USD = "USD", _("US dollar")
    EUR = "EUR", _("Euro")
    GBP = "GBP", _("Pound sterling")
    HKD = "HKD", _("Hong Kong dollar")
    JPY = "JPY", _("Japanese yen")
    KRW = "KRW", _("South Korean won")
    SGD = "SGD", _("Singapore dollar")
    TWD = "TWD", _("New Taiwan dollar")
    AUD = "AUD", _("Australian dollar")
    CAD = "CAD", _("Canadian dollar")
    CHF = "CHF", _("Swiss franc")
    THB = "THB", _("Thai baht")
    MYR = "MYR", _("Malaysian ringgit")
    VND = "VND", _("Vietnamese dong")
    INR = "INR", _("Indian rupee")
    AED = "AED", _("UAE dirham")
    SAR = "SAR", _("Saudi riyal")
    RUB = "RUB", _("Russian rouble")


class ExchangeRate(Record):
    """What one unit of a currency is in yuan from a day on, until the next one of it."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    counts_from = models.DateField(pgettext_lazy("exchange rate", "counts from"), default=clock.today)
    rate = models.DecimalField(
        _("exchange rate"),
        max_digits=15,
        decimal_places=6,
        validators=[MinValueValidator(LEAST)],
        help_text=_("Yuan for one unit: 7.1234. Documents keep the rate they were entered with."),
    )
    note = models.CharField(_("note"), max_length=80, blank=True)

    owner_defaults = False

    entity = Entity(
        slug="exchange-rates",
        icon="currency-yuan",
        nav="settings",
        scope="all",
        list="currency counts_from rate note",
        form="currency counts_from rate note",
        filter="currency counts_from",
        key="currency counts_from",
        sort="-counts_from",
        title="currency counts_from",
    )

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "counts_from"],
                condition=models.Q(deleted_at__isnull=True),
                name="org_exchangerate_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.counts_from:%Y-%m-%d}"


def rate_on(currency: str, day: dt.date) -> Decimal | None:
    """The rate of a currency on a day; None before the first one. All rates are few: they are remembered."""

    def read() -> dict[str, tuple[list[dt.date], list[Decimal]]]:
        found: dict[str, tuple[list[dt.date], list[Decimal]]] = {}
        rows = ExchangeRate.objects.filter(deleted_at__isnull=True).order_by("counts_from")
        for code, since, rate in rows.values_list("currency", "counts_from", "rate"):
            days, rates = found.setdefault(code, ([], []))
            days.append(since)
            rates.append(rate)
        return found

    known = memo.remember(("org.rates",), feed.version(ExchangeRate._meta.label_lower), read)
    days, rates = known.get(currency, ([], []))
    at = bisect_right(days, day)
    return rates[at - 1] if at else None


class InCurrency(models.Model):
    """A document whose `amount` (fen) follows from what was agreed in another currency, at a rate kept with it.

    Figures, targets and sums only ever add `amount`.
    """

    currency = models.CharField(
        _("currency"), max_length=3, choices=Currency.choices, blank=True, help_text=_("Empty: yuan.")
    )
    original = models.DecimalField(
        _("amount in its currency"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("The amount in yuan follows from it, to the fen."),
    )
    exchange_rate = models.DecimalField(
        _("exchange rate"),
        max_digits=15,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST)],
        help_text=_("Yuan for one unit. Empty: the company's rate of the day."),
    )

    class Meta:
        abstract = True

    def in_yuan(self, day: dt.date | None) -> None:
        """Take the rate of a day where none was typed, and let the amount follow; before anything is derived of it."""
        self._currency_problem: dict[str, Any] = {}
        if not self.currency:
            if self.original is not None:
                self._currency_problem = {"currency": _("Choose the currency of this amount, or type it in yuan.")}
            self.exchange_rate = None
            return
        if self.original is None:
            self._currency_problem = {"original": _("Type the amount in this currency.")}
            return
        day = day or clock.today()
        if self.exchange_rate is None:
            self.exchange_rate = rate_on(self.currency, day)
        if self.exchange_rate is None:
            words = {"currency": self.currency, "day": day}
            text = _("There is no rate of %(currency)s for %(day)s: type it here, or let finance enter it.") % words
            self._currency_problem = {"exchange_rate": text}
            return
        self._follow()

    def _follow(self) -> None:
        """The amount as original × rate, rounded half up once."""
        row: Any = self
        was = getattr(self, "_loaded", {})
        try:
            minor = to_minor(Decimal(row.original), self.currency)
            made = convert(minor, self.currency, Decimal(row.exchange_rate))
        except MoneyError:
            self._currency_problem = {"original": _("This currency has no such amount.")}
            return
        same = bool(was) and all(
            was.get(name) == getattr(self, name) for name in ("currency", "original", "exchange_rate")
        )
        typed = row.amount if not was or row.amount != was.get("amount") else None
        if typed is not None and typed != made and (same or not was):
            self._currency_problem = {
                "amount": _("The amount follows from that in %(currency)s and its rate: change these.")
                % {"currency": self.currency}
            }
            return  # asked again, it says the same
        row.amount = made

    def clean(self) -> None:
        """Refuse half of a foreign amount, a day without a rate, and another amount in yuan than follows."""
        super().clean()
        if found := getattr(self, "_currency_problem", None):
            raise ValidationError(found)


def also_abroad(masks: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Masks of a role in full: whoever must not see an amount sees it in no other currency either."""
    found = {name: list(fields) for name, fields in masks.items()}
    for name, fields in found.items():
        if "amount" in fields and name in entities and issubclass(entities[name].model, InCurrency):
            fields += ["original"]
    return found
