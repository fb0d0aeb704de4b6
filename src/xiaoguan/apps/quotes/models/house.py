"""What a quote says about the company, and how quotes are numbered: one row."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.files.models import StoredFile
from xiaoguan.kit.record import Record

PATTERN = r"[^{}]{0,20}(\{(year|yy|month|day)\}[^{}]{0,10}){0,4}\{number(:[1-8])?\}[^{}]{0,10}"


class House(Record):
    """Head and terms of the printed quote, the pattern of the numbers and the counter behind it."""

    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    bank = models.CharField(_("bank and account"), max_length=200, blank=True)
    logo = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("logo"),
        help_text=_("PNG, JPEG or WebP; printed above the company's name."),
    )  # fmt: skip
    seal = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("picture of the seal"),
        help_text=_("Best a PNG without background; printed on approved quotes alone."),
    )  # fmt: skip
    terms = models.TextField(_("general terms"), blank=True, help_text=_("Printed at the foot of every quote."))
    payment_terms = models.TextField(_("usual terms of payment"), blank=True)
    delivery = models.CharField(_("usual delivery"), max_length=200, blank=True)
    valid_days = models.PositiveSmallIntegerField(
        _("days a quote is valid"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    pattern = models.CharField(
        _("pattern of the numbers"), max_length=60, default="Q{year}{month}-{number:4}",
        validators=[RegexValidator(f"^{PATTERN}$", _("Write it like Q{year}{month}-{number:4}."))],
        help_text=_("{year} {yy} {month} {day} and {number:4}; the count begins anew where the rest changes."),
    )  # fmt: skip
    counts = models.JSONField(default=dict, blank=True, editable=False)
    """How many numbers were given, by the number without its count: BJ-2026-{number:4} → 12."""

    class Meta:
        verbose_name = _("quote settings")
        verbose_name_plural = _("quote settings")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="quotes_house_single")]

    def __str__(self) -> str:
        return self.pattern
