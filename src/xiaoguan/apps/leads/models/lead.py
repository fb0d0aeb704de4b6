"""Somebody who may become a customer."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import Contact, Customer, CustomerKind
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.fields import MoneyField
from xiaoguan.kit.record import Record
from xiaoguan.lexicon import companies, identity

ALIVE = Q(deleted_at__isnull=True)


class Status(models.TextChoices):
    """How far somebody has come with it."""

    NEW = "new", pgettext_lazy("lead", "New")
    CONTACTED = "contacted", _("Contacted")
    QUALIFIED = "qualified", _("Qualified")
    CONVERTED = "converted", _("Converted")
    DISCARDED = "discarded", _("Discarded")


OPEN = (Status.NEW, Status.CONTACTED, Status.QUALIFIED)


class Origin(models.TextChoices):
    """How a lead came."""

    FORM = "form", _("Web form")
    CARD = "card", _("Business card")
    CAMPAIGN = "campaign", _("Campaign")
    PHONE = "phone", _("Phoned us")
    MANUAL = "manual", _("Entered by hand")
    IMPORT = "import", _("Imported")


class Lead(Record):
    """Somebody who may want something; without an owner it waits for the sellers of its team.

    `response_minutes` are working minutes from the moment it came to the first answer, stored with the answer.
    """

    called = models.CharField(_("lead"), max_length=200, editable=False)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=60, blank=True)
    company = models.CharField(_("company"), max_length=120, blank=True)
    title = models.CharField(_("job title"), max_length=60, blank=True)
    mobile = models.CharField(_("mobile"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    email = models.CharField(_("e-mail"), max_length=120, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    kind = models.ForeignKey(
        CustomerKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind")
    )
    wants = models.TextField(_("what they want"), blank=True)
    amount = MoneyField(_("estimated amount"), null=True, blank=True)
    origin = models.CharField(_("came by"), max_length=8, choices=Origin.choices, default=Origin.MANUAL)
    campaign = models.CharField(_("campaign"), max_length=80, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True, help_text=_("Empty: now."))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.NEW, editable=False)

    received_on = models.DateField(_("received on"), null=True, editable=False)
    assigned_at = models.DateTimeField(_("assigned"), null=True, editable=False)
    first_response_at = models.DateTimeField(_("first answer"), null=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        db_index=False, verbose_name=_("answered by"),
    )  # fmt: skip
    response_minutes = models.PositiveIntegerField(_("minutes to the first answer"), null=True, editable=False)
    score = models.PositiveSmallIntegerField(_("score"), null=True, editable=False)
    answers = models.JSONField(_("answers"), default=dict, editable=False)
    reason = models.CharField(_("reason"), max_length=400, blank=True, editable=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, editable=False, related_name="leads",
        verbose_name=_("customer"),
    )  # fmt: skip
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("contact")
    )
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("deal")
    )
    converted_on = models.DateField(_("converted on"), null=True, editable=False)
    converted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        db_index=False, verbose_name=_("converted by"),
    )  # fmt: skip
    name_key = models.CharField(max_length=120, blank=True, editable=False)
    phone_key = models.CharField(max_length=40, blank=True, editable=False)

    entity = Entity(
        slug="leads",
        icon="user-plus",
        nav="customers",
        list="called status wants mobile amount origin received_at first_response_at score owner",
        form="company name title mobile | phone email wechat province city kind"
        " | wants amount | origin campaign received_at owner",
        filter="status owner origin campaign received_on first_response_at response_minutes score kind city amount"
        " answered_on converted_on",
        find="called mobile phone email wechat",
        key="mobile",
        sort="-received_at",
        sums="amount",
        title="called",
        board="status",
        subtitle="status origin city",
        facts=[
            Fact("lead_received", _("Lead received"), on="received_on", of="customer_id"),
            Fact(
                "lead_answered",
                _("Lead answered"),
                on="answered_on",
                of="customer_id",
                amount="response_minutes",
                unit="minutes",
                credited="answered_by",
            ),
            Fact(
                "lead_converted",
                _("Lead converted"),
                on="converted_on",
                of="customer_id",
                amount="amount",
                credited="converted_by",
            ),
        ],
    )

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [
            models.Index(fields=["status", "received_at"], condition=ALIVE, name="leads_lead_status"),
            models.Index(fields=["owner", "status"], condition=ALIVE, name="leads_lead_mine"),
            models.Index(fields=["received_on"], condition=ALIVE, name="leads_lead_received"),
            models.Index(fields=["phone_key"], condition=ALIVE, name="leads_lead_phone"),
            models.Index(fields=["name_key"], condition=ALIVE, name="leads_lead_company"),
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done about it."""
        return self.status in OPEN

    def prepare(self) -> None:
        """Name it by company and person, keep the keys that find it again, and the business day it came."""
        self.name, self.company = " ".join(self.name.split()), " ".join(self.company.split())
        self.called = " · ".join(part for part in (self.company, self.name) if part)
        self.called = self.called or self.mobile or self.phone or self.email or self.wechat
        self.name_key = companies.core(self.company)[:120]
        numbers = sorted(identity.phones(self.mobile)) or sorted(identity.phones(self.phone))
        self.phone_key = numbers[0][:40] if numbers else ""
        self.received_at = (self.received_at or clock.now()).replace(second=0, microsecond=0)
        self.received_on = clock.local(self.received_at).date()
        was = getattr(self, "_loaded", {})
        if not was and self.owner_id is None and self.unit_id is None and self.created_by is not None:
            self.unit_id = self.created_by.unit_id  # it waits for the team of whoever entered it
        if self.owner_id != was.get("owner_id"):
            self.assigned_at = clock.now() if self.owner_id else None

    def clean(self) -> None:
        """Say who it is, and don't receive what is still to come."""
        if not self.called:
            raise ValidationError({"company": _("Type a company, a name, or how to reach them.")})
        if self.received_at and self.received_at > clock.now() + dt.timedelta(minutes=5):
            raise ValidationError({"received_at": _("This moment is still to come.")})
