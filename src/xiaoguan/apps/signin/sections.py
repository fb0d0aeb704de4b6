"""Cards on «my account»: how I get in, and where I am signed in."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from xiaoguan.apps.org import account, sessions, signins
from xiaoguan.apps.org.models import Person, Session
from xiaoguan.apps.signin import factors, linking, watch


@account.section(50)
def ways_in(request: HttpRequest) -> SafeString:
    """Password, second factors, passkeys and company accounts."""
    person = request.user
    linked = {row.provider: row for row in SocialAccount.objects.filter(user=person)}
    context = {
        "held": factors.of(person),
        "due": watch.factor_due(person),
        "ways": [{**way, "account": linked.get(way["id"])} for way in linking.ways()],
    }
    return render_to_string("signin/ways_in.html", context, request)


@account.section(60)
def devices(request: HttpRequest) -> SafeString:
    """Where I am signed in."""
    context = {"rows": device_rows(request.user, request.session.session_key), "mine": True}
    return render_to_string("signin/devices.html", context, request)


def device_rows(person: Person, own: str | None = None) -> list[dict[str, object]]:
    """The open sessions of somebody as pages show them, the present one first."""
    rows: list[Session] = list(sessions.of(person)[:50])
    shown = [
        {
            "mark": sessions.mark_of(row.pk),
            "device": signins.device(row.agent),
            "phone": any(word in row.agent for word in ("Mobile", "iPhone", "Android")),
            "address": row.address,
            "started": row.started_at,
            "seen": row.seen_at,
            "here": row.pk == own,
        }
        for row in rows
    ]
    return sorted(shown, key=lambda row: not row["here"])
