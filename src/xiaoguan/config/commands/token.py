"""Make, list and revoke access tokens of the API."""

import json
from argparse import ArgumentParser, Namespace
from datetime import timedelta

from xiaoguan.api.actions import issue, revoke
from xiaoguan.api.models import Token
from xiaoguan.apps.org.models.person import Person
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.config.refused import Refused
from xiaoguan.kit import access, clock
from xiaoguan.kit.errors import Invalid

BECAUSE = "whoever runs commands on the machine keeps its tokens"


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("do", choices=("create", "list", "revoke"))
    parser.add_argument("--person", metavar="USERNAME", help="whose token; it may do what this person may")
    parser.add_argument("--name", default="", help="what the token is for")
    parser.add_argument("--scopes", default="*:read", help="for instance *:write or customers.customer:read")
    parser.add_argument("--days", type=int, default=90, help="valid for so many days, 0 without end (default: 90)")
    parser.add_argument("--id", type=int, help="the token to revoke")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: Namespace) -> int:
    """Do what is asked and return the exit code."""
    return {"create": _create, "list": _list, "revoke": _revoke}[options.do](options)


def _person(username: str | None) -> Person:
    found = Person.objects.filter(username__iexact=username or "", is_active=True).first()
    if found is None:
        raise Refused(f"There is nobody with the user name {username!r}; name him with --person.")
    return found


def _create(options: Namespace) -> int:
    person = _person(options.person)
    expires_on = clock.today() + timedelta(days=options.days) if options.days else None
    try:
        token, secret = issue(options.name, options.scopes, expires_on, actor=system_actor(), owner=person)
    except Invalid as problem:
        raise Refused("; ".join(str(text) for texts in problem.errors.values() for text in texts)) from problem
    print(json.dumps({"id": token.pk, "secret": secret}) if options.json else secret)
    return 0


def _list(options: Namespace) -> int:
    rows = access.everything(Token, because=BECAUSE).select_related("owner").order_by("pk")
    if options.person:
        rows = rows.filter(owner=_person(options.person))
    found = [
        {
            "id": row.pk,
            "person": row.owner.username if row.owner else "",
            "name": row.name,
            "begins_with": row.prefix,
            "scopes": row.scopes,
            "expires_on": row.expires_on.isoformat() if row.expires_on else None,
            "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
            "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
        }
        for row in rows
    ]
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    for line in [] if options.json else found:
        print("  ".join(str(value or "-") for value in line.values()))
    return 0


def _revoke(options: Namespace) -> int:
    row = access.everything(Token, because=BECAUSE).filter(pk=options.id or 0).first()
    if row is None:
        raise Refused(f"There is no token {options.id}; xiaoguan token list shows them.")
    revoke(row, actor=system_actor(), source="cli")
    print(f"Revoked: {row.name}")
    return 0
