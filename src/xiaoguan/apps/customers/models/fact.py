"""What is known of a customer: needs, preferences and habits, with who said it and how long it may be trusted."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.customers.models.contact import Contact
from xiaoguan.apps.customers.models.customer import Customer
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class FactKind(models.TextChoices):
    """What a fact is about."""

    NEED = "need", _("Need")
    PREFERENCE = "preference", _("Preference")
    TABOO = "taboo", _("Taboo")
    EQUIPMENT = "equipment", _("Equipment in use")
    BUDGET = "budget", _("Budget and paying")
    RELATIONSHIP = "relationship", _("Relationship")
    OTHER = "other", _("Other fact")


class FactState(models.TextChoices):
    """Whether a fact still holds."""

    HOLDS = "holds", _("Holds")
    OVER = "over", _("No longer true")


class CustomerFact(Record):
    """One thing somebody said or we saw at a customer; it holds until somebody says it no longer does."""

    text = models.CharField(_("what is known"), max_length=300)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="known", db_index=False, verbose_name=_("customer")
    )
    kind = models.CharField(_("about"), max_length=12, choices=FactKind.choices, default=FactKind.NEED)
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact who said it")
    )
    said_by = models.CharField(_("said by somebody else"), max_length=60, blank=True)
    heard_on = models.DateField(_("heard on"), null=True, blank=True, help_text=_("Empty: today."))
    verify_by = models.DateField(
        _("verify again by"), null=True, blank=True, help_text=_("Empty: it is not asked again.")
    )
    state = models.CharField(
        _("state"), max_length=6, choices=FactState.choices, default=FactState.HOLDS, editable=False
    )
    verified_on = models.DateField(_("last verified"), null=True, editable=False)

    entity = Entity(
        slug="customer-facts",
        icon="bulb",
        nav="customers",
        scope="customer",
        list="text customer kind contact heard_on verify_by state",
        form="text customer kind contact | said_by heard_on verify_by",
        filter="customer kind state contact heard_on verify_by",
        find="text said_by",
        key="customer text",
        sort="-heard_on",
        subtitle="kind customer",
    )

    class Meta:
        verbose_name = _("customer fact")
        verbose_name_plural = _("needs and preferences")
        indexes = [
            models.Index(fields=["customer", "state"], name="customers_fact_of"),
            models.Index(
                fields=["verify_by"], condition=Q(state="holds", deleted_at__isnull=True), name="customers_fact_due"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def prepare(self) -> None:
        """Heard today where nobody said when."""
        self.text = " ".join(self.text.split())
        if self.heard_on is None:
            self.heard_on = clock.today()
        super().prepare()

    def clean(self) -> None:
        """Whoever said it is of this customer; both move together when companies are merged."""
        new = self._state.adding or "contact_id" in self.changed_fields()
        if new and self.contact is not None and self.contact.customer_id != self.customer_id:
            raise ValidationError({"contact": _("That person works for another customer.")})

    @property
    def is_due(self) -> bool:
        """Whether somebody should ask again."""
        return self.state == FactState.HOLDS and self.verify_by is not None and self.verify_by <= clock.today()
