"""A file on a record."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.collaboration.models.about import ALIVE, About
from xiaoguan.files.models import StoredFile
from xiaoguan.kit import access


class Attachment(About):
    """One stored file at one record; deleted it waits thirty days for whoever wants it back."""

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [models.Index(fields=["about", "object_id", "-id"], condition=ALIVE, name="collab_attachment_about")]

    def __str__(self) -> str:
        return self.file.name

    def takes_back(self, actor: Any) -> bool:
        """Who may remove a file may bring it back."""
        record = self.record_for(actor)
        return record is not None and may_remove(actor, record, self)


def may_remove(actor: Any, record: Any, row: Attachment) -> bool:
    """Who attached a file may remove it while he may attach here; so may whoever could delete the whole record."""
    own = row.owner_id == actor.pk and access.may(actor, "comment", record)
    return own or access.may(actor, "delete", record)
