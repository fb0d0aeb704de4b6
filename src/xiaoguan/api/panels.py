"""What a token's own page says: what it may do, until when, and whether it was used."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.api.models import Token
from xiaoguan.kit import clock, figures, render
from xiaoguan.kit.figures import Figure


@figures.figure(Token, position=10)
def scopes(token: Token, actor: Any) -> Figure:
    """What it may do."""
    return Figure(_("Scopes"), format_html("{}", token.scopes))


@figures.figure(Token, position=20)
def until(token: Token, actor: Any) -> Figure:
    """Its last day."""
    return Figure(
        _("Valid until"), render.day(token.expires_on) if token.expires_on else format_html("{}", _("no end"))
    )


@figures.figure(Token, position=30)
def last_used(token: Token, actor: Any) -> Figure:
    """When a program came with it."""
    said = render.moment(token.last_used_at) if token.last_used_at else format_html("{}", _("never"))
    return Figure(_("Last used"), said)


@figures.part(Token, "warning")
def over(token: Token, actor: Any) -> SafeString:
    """Why it opens nothing any more."""
    if token.revoked_at:
        return format_html("{}", _("Revoked. It opens nothing any more."))
    if token.expires_on and token.expires_on < clock.today():
        return format_html("{}", _("Expired. It opens nothing any more."))
    return SafeString("")
