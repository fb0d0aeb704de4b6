"""Roles: what their holders may do, as data an administrator can edit."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org.seeds import ROLE_NAMES
from xiaoguan.kit.access import SCOPES
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


def sound_grants(value: Any) -> None:
    """Accept {entity: {verb: scope}} with known scopes only."""
    if not isinstance(value, dict):
        raise ValidationError(_("Grants map each record type to verbs and scopes."), code="not_grants")
    for name, verbs in value.items():
        if not isinstance(verbs, dict) or not set(verbs.values()) <= set(SCOPES):
            raise ValidationError(
                _("Grants of %(name)s: a scope is one of none, self, team, all."),
                code="not_grants",
                params={"name": name},
            )


def sound_masks(value: Any) -> None:
    """Accept {entity: [field, …]} only."""
    if not isinstance(value, dict) or not all(isinstance(names, list) for names in value.values()):
        raise ValidationError(_("Masks map each record type to a list of field names."), code="not_masks")


class Role(Coded, Record):
    """A bundle of grants; somebody with two roles may do what either allows."""

    names = ROLE_NAMES

    description = models.CharField(_("description"), max_length=200, blank=True)
    grants = models.JSONField(_("grants"), default=dict, blank=True, validators=[sound_grants])
    masks = models.JSONField(_("hidden fields"), default=dict, blank=True, validators=[sound_masks])
    delivered = models.JSONField(null=True, editable=False)
    """The grants and hidden fields the program delivered last: what still says so follows the next version."""

    second_factor_from = models.DateField(
        _("second factor from"),
        null=True,
        blank=True,
        help_text=_("From this day on holders need an authenticator app or a passkey; before it they are reminded."),
    )

    entity = Entity(
        slug="roles",
        icon="shield-lock",
        nav="settings",
        scope="all",
        list="name description second_factor_from",
        form="name description second_factor_from",
        find="name",
        key="name",
        sort="id",
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [models.UniqueConstraint(fields=["code"], name="org_role_code")]
