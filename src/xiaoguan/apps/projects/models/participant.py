"""Who takes part in a project."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.projects.models.project import Project
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Part(models.TextChoices):
    """What a company does in a project."""

    OWNER = "owner", _("Project owner")
    DESIGNER = "designer", _("Design institute")
    GENERAL = "general", _("General contractor")
    CONTRACTOR = "contractor", _("Contractor")
    STEEL = "steel", _("Steel-structure company")
    SUPERVISOR = "supervisor", _("Supervisor of works")
    COMPETITOR = "competitor", pgettext_lazy("in a project", "Competitor")
    OTHER = "other", _("Other participant")


class Participant(Record):
    """A company in a project: one of the customers, or a name that is not on the books."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="participants", verbose_name=_("project"))
    part = models.CharField(_("part"), max_length=12, choices=Part.choices)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("customer")
    )
    name = models.CharField(_("company"), max_length=120, blank=True, help_text=_("Empty: the customer's name."))
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    entity = Entity(
        slug="participants",
        icon="users-group",
        scope="project",
        list="name project part customer contact note",
        form="project part customer name contact note",
        filter="project part customer",
        find="name",
        key="project name",
        title="name",
        subtitle="part project",
    )

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Take the customer's name where none is typed."""
        self.name = " ".join(self.name.split())
        if not self.name and self.customer is not None:
            self.name = self.customer.name

    def clean(self) -> None:
        """A participant is somebody, and a contact works for the company he is named with."""
        problems = {}
        if not self.name:
            problems["name"] = _("Choose a customer or type a name.")
        if self.contact is not None and self.customer_id and self.contact.customer_id != self.customer_id:
            problems["contact"] = _("This person works for another company.")
        if problems:
            raise ValidationError(problems)
