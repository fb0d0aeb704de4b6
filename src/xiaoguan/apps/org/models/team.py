"""Teams: a tree with a name, a motto and a badge."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Badge(models.TextChoices):
    """The animal on a team's flag."""

    DRAGON = "dragon", _("Dragon")
    TIGER = "tiger", _("Tiger")
    LEOPARD = "leopard", _("Leopard")
    WOLF = "wolf", _("Wolf")
    NONE = "", _("No badge")


class TeamKind(models.TextChoices):
    """What a team is there for; sales teams carry targets."""

    COMPANY = "company", _("company")
    SALES = "sales", _("sales")
    SUPPORT = "support", _("support")
    OFFICE = "office", _("office")


class Team(Record):
    """A node of the organisation; its parent's managers reach everybody below."""

    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=TeamKind.choices, default=TeamKind.SALES)
    badge = models.CharField(_("badge"), max_length=10, choices=Badge.choices, blank=True, default=Badge.NONE)
    motto = models.CharField(_("motto"), max_length=120, blank=True)
    position = models.PositiveIntegerField(
        _("place in the row"), default=0, help_text=_("Smaller numbers come first among the teams of one parent.")
    )

    entity = Entity(
        slug="teams",
        icon="users-group",
        nav="settings",
        scope="all",
        list="name parent kind badge motto",
        form="name parent kind badge | motto position",
        filter="parent kind badge",
        find="name motto",
        key="name",
        sort="position",
        title="name",
        subtitle="kind parent",
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(deleted_at__isnull=True), name="org_team_name"),
        ]

    def __str__(self) -> str:
        return self.name
