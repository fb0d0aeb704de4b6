"""A form on a web site that makes leads."""

from __future__ import annotations

import re
import secrets

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org.models import Team
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")


def fresh_token() -> str:
    """Part of the form's address that nobody guesses."""
    return secrets.token_urlsafe(18)


class WebForm(Record):
    """A public form: where its leads go, and which sites may show it in a frame."""

    name = models.CharField(_("name"), max_length=80)
    heading = models.CharField(_("heading"), max_length=120, blank=True)
    consent = models.TextField(
        _("consent"), help_text=_("What the visitor agrees to with a tick: who uses the data, and for what.")
    )
    thanks = models.CharField(_("said afterwards"), max_length=200, blank=True)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("for the team"),
        help_text=_("Its sellers may take the leads; empty: every seller."),
    )  # fmt: skip
    campaign = models.CharField(_("campaign"), max_length=80, blank=True)
    in_turn = models.BooleanField(
        _("share out in turn"), default=False,
        help_text=_("First to whoever looks after its territory, else to the sellers of the team in turn."),
    )  # fmt: skip
    capacity = models.PositiveSmallIntegerField(
        _("open leads per person at most"), default=20, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    sites = models.TextField(
        _("sites that may show it"), blank=True,
        help_text=_("One a line, such as https://www.example.com; empty: none may frame it, a link still works."),
    )  # fmt: skip
    active = models.BooleanField(_("in use"), default=True)
    token = models.CharField(max_length=40, unique=True, default=fresh_token, editable=False)

    entity = Entity(
        slug="lead-forms",
        icon="clipboard-check",
        nav="settings",
        scope="all",
        list="name team campaign in_turn capacity active",
        form="name heading consent thanks | team campaign in_turn capacity | sites active",
        filter="team active",
        find="name campaign",
        key="name",
        sort="name",
    )

    class Meta:
        verbose_name = _("web form")
        verbose_name_plural = _("web forms")

    def __str__(self) -> str:
        return self.name

    def framed_by(self) -> list[str]:
        """The origins that may show the form in a frame."""
        return [line.strip().lower() for line in self.sites.splitlines() if line.strip()]

    def clean(self) -> None:
        """An origin is a scheme and a host, and nothing that could end the rule it is put into."""
        if any(not ORIGIN.fullmatch(each) for each in self.framed_by()):
            raise ValidationError({"sites": _("Write each site like https://www.example.com, one a line.")})
