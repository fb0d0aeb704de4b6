"""The people in a customer's company."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models.customer import Customer
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class DecisionRole(models.TextChoices):
    """What somebody does in a buying decision."""

    DECIDES = "decides", _("Decides")
    RECOMMENDS = "recommends", _("Recommends")
    CHAMPIONS = "champions", _("Champions us")
    USES = "uses", _("Uses it")
    BUYS = "buys", _("Buys")
    BLOCKS = "blocks", _("Blocks")


class Contact(Record):
    """Somebody who works for a customer; one who has left keeps the history."""

    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=60)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts", verbose_name=_("customer"))
    title = models.CharField(_("job title"), max_length=60, blank=True)
    department = models.CharField(_("department"), max_length=60, blank=True)
    role = models.CharField(_("role in decisions"), max_length=12, choices=DecisionRole.choices, blank=True)
    mobile = models.CharField(_("mobile"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    email = models.CharField(_("e-mail"), max_length=120, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    left = models.BooleanField(_("has left the company"), default=False)
    note = models.TextField(_("note"), blank=True)

    entity = Entity(
        slug="contacts",
        icon="address-book",
        nav="customers",
        scope="customer",
        list="name customer title role mobile email",
        form="name customer title department role | mobile phone email wechat | birthday left note",
        filter="customer role left birthday",
        find="name mobile phone email wechat",
        key="customer name",
        sort="name",
        subtitle="title customer",
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [models.Index(fields=["name"], name="customers_contact_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def reachable(self) -> str:
        """The number to call: the mobile before the desk."""
        return self.mobile or self.phone
