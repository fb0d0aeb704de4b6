"""Comments as text: whom they name, and how they look on a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString

from xiaoguan.apps.collaboration.models import Comment
from xiaoguan.apps.org.models import Person

LONGEST_NAME = 40


def named(text: str, chosen: Collection[int] = ()) -> list[Person]:
    """The people whose names stand behind an @, the longest name where one begins like another.

    Of several people of one name those in `chosen` are meant (a picker knows them), or else all.
    """
    tails = [text[at.end() : at.end() + LONGEST_NAME] for at in re.finditer("[@\uff20]", text)]
    starts = {tail[:length] for tail in tails for length in range(1, len(tail) + 1)}
    if not starts:
        return []
    rows = Person.objects.filter(name__in=starts, is_active=True, deleted_at__isnull=True, system=False)
    by_name: dict[str, list[Person]] = {}
    for person in rows.order_by("pk"):
        by_name.setdefault(person.name, []).append(person)
    meant: dict[int, Person] = {}
    for tail in tails:
        found = max((name for name in by_name if tail.startswith(name)), key=len, default="")
        people = by_name.get(found, [])
        picked = [person for person in people if person.pk in chosen]
        meant |= {person.pk: person for person in picked or people}
    return list(meant.values())


def names_of(comments: Iterable[Comment]) -> dict[int, str]:
    """The names of everybody whom some comments mention, in one query."""
    ids = {pk for each in comments for pk in each.mentions}
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def html(comment: Comment, names: Mapping[int, str]) -> SafeString:
    """The words with line breaks, links one can follow and marked names; whatever else was typed is shown as it is."""
    marked = sorted({f"@{names[pk]}" for pk in comment.mentions if pk in names}, key=len, reverse=True)
    parts = _split(comment.text.replace("\uff20", "@"), marked)
    return SafeString("".join(_part(part, marked) for part in parts))


def _split(text: str, marked: Sequence[str]) -> list[str]:
    return re.split(f"({'|'.join(map(re.escape, marked))})", text) if marked else [text]


def _part(part: str, marked: Sequence[str]) -> str:
    if part in marked:
        return format_html('<b class="mention">{}</b>', part)
    return urlize(part, nofollow=True, autoescape=True).replace("\r\n", "\n").replace("\n", "<br>")
