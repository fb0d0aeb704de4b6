"""What people say about a record."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.models.about import ALIVE, About

LONGEST = 4000


class Comment(About):
    """Plain words of one person about one record; `mentions` are the ids of the people named with an @."""

    text = models.TextField(_("comment"), max_length=LONGEST)
    mentions = models.JSONField(default=list, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [models.Index(fields=["about", "object_id", "-id"], condition=ALIVE, name="collab_comment_about")]

    def __str__(self) -> str:
        return self.text[:60]
