"""Who may look after whom today: the closure of the team tree, kept by `xiaoguan.apps.org.reach`."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from xiaoguan.apps.org.models.team import Team


class Reach(models.Model):
    """`viewer` reaches the records of `person`; everybody reaches himself."""

    pk = models.CompositePrimaryKey("viewer_id", "person_id")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["person", "viewer"], name="org_reach_person")]

    def __str__(self) -> str:
        return f"{self.viewer_id} → {self.person_id}"


class UnitReach(models.Model):
    """`viewer` reaches what belongs to a team as such; `leads` tells a leader from a member."""

    pk = models.CompositePrimaryKey("viewer_id", "unit_id")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    leads = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["unit", "viewer"], name="org_unitreach_unit")]

    def __str__(self) -> str:
        return f"{self.viewer_id} → {self.unit_id}"
