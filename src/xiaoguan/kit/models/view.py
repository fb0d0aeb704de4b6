"""What people keep of lists: views under a name, and the order of their tabs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.record import Record


class SavedView(Record):
    """A named state of one list: `query` is what its address would say; it is its owner's own.

    Whoever opens it sees only what his own rights show him: a view shares the question, never the rows.
    """

    class Shared(models.TextChoices):
        """Who else gets the view as a tab."""

        NOBODY = "", _("only me")
        TEAM = "team", _("my team")
        EVERYBODY = "all", _("everybody")

    listed = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=40)
    query = models.TextField(max_length=4000, blank=True)
    shared = models.CharField(_("shared with"), max_length=4, choices=Shared.choices, blank=True)

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        indexes = [models.Index(fields=["listed", "owner"], name="kit_savedview_listed")]

    def __str__(self) -> str:
        return self.name


class ViewTabs(Record):
    """How one person has arranged the tabs of one list: their order, those put away, and the one it opens with."""

    listed = models.CharField(max_length=60)
    order = models.JSONField(default=list, blank=True)
    hidden = models.JSONField(default=list, blank=True)
    start = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "listed"], name="kit_viewtabs_owner")]

    def __str__(self) -> str:
        return self.listed
