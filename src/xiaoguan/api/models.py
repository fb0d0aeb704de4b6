"""Access tokens, and answers kept so that the same request sent twice is done once."""

from __future__ import annotations

import hashlib
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

LEAD = "xg_"
SHOWN = 8
"""How many characters of a secret stay readable, so that its owner recognises it."""


class Token(Record):
    """A key with which a program works in the name of its owner; only the digest of the secret is stored.

    `scopes` are words such as `*:read`, `customers:write` (an app) or `customers.customer:read` (an entity),
    separated by blanks; writing includes reading. A token never allows more than its owner may do.
    """

    name = models.CharField(_("what it is for"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.CharField(_("scopes"), max_length=400, default="*:read", editable=False)
    expires_on = models.DateField(_("valid until"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    entity = Entity(
        slug="tokens",
        icon="key",
        fixed=True,
        list="name prefix scopes expires_on last_used_at revoked_at owner",
        form="name",
        filter="owner expires_on last_used_at revoked_at",
        find="name prefix",
        title="name",
        subtitle="prefix",
    )

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def secret() -> str:
        """A new secret: 256 bits."""
        return LEAD + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> str:
        """What is stored of a secret; a random one needs no slow hash."""
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def of_secret(cls, secret: str) -> Self | None:
        """The living token of a secret with its owner, None when it is unknown, over, revoked or its owner has left."""
        living = cls._default_manager.filter(deleted_at__isnull=True, revoked_at__isnull=True)
        found = living.filter(digest=cls.digest_of(secret))
        token = found.select_related("owner", "owner__unit").first()
        if token is None or token.owner is None or not token.owner.is_active:
            return None
        return None if token.expires_on and token.expires_on < clock.today() else token

    def allows(self, entity: str, write: bool) -> bool:
        """Whether the scopes reach an entity (`customers.customer`)."""
        app = entity.partition(".")[0]
        for scope in self.scopes.split():
            what, _mark, how = scope.rpartition(":")
            if what in ("*", app, entity) and (how == "write" or not write):
                return True
        return False


class Answer(models.Model):
    """What a request with an `Idempotency-Key` was answered, kept for thirty days."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    body = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(default="")
    headers = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="api_answer_once")]

    def __str__(self) -> str:
        return self.key
