"""The people in a customer's company."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, gettext, gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import birthday
from xiaoguan.apps.customers.models.customer import Customer
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record
from xiaoguan.lexicon import lunar


class DecisionRole(models.TextChoices):
    """What somebody does in a buying decision."""

    DECIDES = "decides", _("Decides")
    RECOMMENDS = "recommends", _("Recommends")
    CHAMPIONS = "champions", _("Champions us")
    USES = "uses", _("Uses it")
    BUYS = "buys", _("Buys")
    BLOCKS = "blocks", _("Blocks")


class Attitude(models.TextChoices):
    """How somebody stands towards us; empty while nobody knows."""

    SUPPORTS = "supports", _("Supports us")
    NEUTRAL = "neutral", _("Neutral")
    AGAINST = "against", _("Against us")


class Power(models.TextChoices):
    """How much somebody's word weighs in the company."""

    HIGH = "high", pgettext_lazy("power of a person", "High")
    MEDIUM = "medium", pgettext_lazy("power of a person", "Medium")
    LOW = "low", pgettext_lazy("power of a person", "Low")


class Contact(Record):
    """Somebody who works for a customer; one who has left keeps the history."""

    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=60)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts", verbose_name=_("customer"))
    title = models.CharField(_("job title"), max_length=60, blank=True)
    department = models.CharField(_("department"), max_length=60, blank=True)
    role = models.CharField(_("role in decisions"), max_length=12, choices=DecisionRole.choices, blank=True)
    attitude = models.CharField(_("attitude"), max_length=10, choices=Attitude.choices, blank=True)
    power = models.CharField(_("power"), max_length=6, choices=Power.choices, blank=True)
    reports_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("reports to")
    )
    mobile = models.CharField(_("mobile"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    email = models.CharField(_("e-mail"), max_length=120, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True)
    other_ways = models.TextField(
        _("further ways to reach"),
        blank=True,
        help_text=_("More numbers, mails and WeChat names, one a line, each with a word about it."),
    )
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    lunar_birthday = models.CharField(
        _("lunar birthday"),
        max_length=10,
        blank=True,
        help_text=_("Month and day by the lunar calendar, such as 8-15."),
    )
    left = models.BooleanField(_("has left the company"), default=False)
    moved_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="came_from",
        verbose_name=_("is now"),
    )  # fmt: skip
    note = models.TextField(_("note"), blank=True)
    birthday_key = models.PositiveIntegerField(null=True, editable=False)

    entity = Entity(
        slug="contacts",
        icon="address-book",
        nav="customers",
        scope="customer",
        list="name customer title role mobile email",
        form="name customer title mobile wechat | department role attitude power reports_to | phone email other_ways"
        " | birthday lunar_birthday left note",
        filter="customer role attitude power left birthday",
        find="name mobile phone email wechat other_ways",
        key="customer name",
        sort="name",
        subtitle="title customer",
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["name"], name="customers_contact_name"),
            models.Index(
                fields=["birthday_key"], condition=Q(birthday_key__isnull=False), name="customers_contact_birthday"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        """Keep the number of the birthday, and the lunar one in one spelling."""
        self.lunar_birthday = self.lunar_birthday.strip()
        if day := lunar.parse(self.lunar_birthday):
            self.lunar_birthday = f"{day[0]}-{day[1]}"
        self.birthday_key = birthday.key(self.birthday, self.lunar_birthday)
        super().prepare()

    def clean(self) -> None:
        """Check the lunar day, and that whoever he reports to is above him in the same company."""
        if self.lunar_birthday and lunar.parse(self.lunar_birthday) is None:
            raise ValidationError({"lunar_birthday": _("Type month and day of the lunar calendar, such as 8-15.")})
        # Whoever moves with his whole company, as in a merge, keeps his superior, who moves too.
        if self.reports_to_id and (self._state.adding or "reports_to_id" in self.changed_fields()):
            self._refuse_circle()

    def _refuse_circle(self) -> None:
        above, seen = self.reports_to, {self.pk}
        if above is not None and above.customer_id != self.customer_id:
            raise ValidationError({"reports_to": _("That person works for another customer.")})
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"reports_to": _("That person reports to this one already.")})
            seen.add(above.pk)
            above = above.reports_to

    @property
    def reachable(self) -> str:
        """The number to call: the mobile before the desk."""
        return self.mobile or self.phone

    @property
    def lunar_words(self) -> str:
        """The lunar birthday as people of the reader's language say it."""
        day = lunar.parse(self.lunar_birthday)
        if day is None:
            return ""
        if (get_language() or "").startswith("zh"):
            return lunar.told(*day)
        return gettext("lunar %(month)s-%(day)s") % {"month": day[0], "day": day[1]}
