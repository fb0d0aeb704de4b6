"""Attaching files, commenting, and taking that back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _, pgettext_lazy

from xiaoguan.apps.collaboration import words
from xiaoguan.apps.collaboration.models import Attachment, Comment
from xiaoguan.apps.collaboration.models.about import about
from xiaoguan.apps.collaboration.models.attachment import may_remove
from xiaoguan.apps.collaboration.models.comment import LONGEST
from xiaoguan.apps.collaboration.queries import taking_part
from xiaoguan.apps.notices import telling
from xiaoguan.files import uses
from xiaoguan.files.models import StoredFile
from xiaoguan.kit import access
from xiaoguan.kit.action import Done, Work, action
from xiaoguan.kit.errors import Denied, Invalid

COMMENT = pgettext_lazy("said about a record", "Comment")
VERB = "comment"
"""The right to say something about a record and to lay a file to it; who shares a record has it too."""


@contextmanager
def working(record: Any, name: str, actor: Any, source: str) -> Iterator[Work]:
    """One change about a record: its own row stays as it is, but whoever follows the feed hears of it."""
    with transaction.atomic():
        work = Work(actor, name, record._meta.label_lower, source)
        yield work
        work.stir(record._meta.label_lower, [record.pk])
        work.finish()


# Files --------------------------------------------------------------------------------------------------------------


def attach(record: Any, files: Sequence[StoredFile], *, actor: Any, source: str = "page") -> Done:
    """Lay stored files to a record, in one change. Raises Denied, and Invalid for a file that isn't the actor's."""
    if not access.may(actor, VERB, record):
        raise Denied(VERB, record)
    for file in files:
        try:
            uses.visible_file(file.pk, actor)
        except Http404 as error:
            raise Invalid({"file": [_("There is no such file.")]}) from error
    with working(record, "attach", actor, source) as work:
        rows = work.create(Attachment, [{**about(record), "file": file, "owner": actor} for file in files])
    return Done(work.change, rows)


def stored(text: str) -> StoredFile:
    """The file of an id as it was sent; Invalid for anything else."""
    try:
        return StoredFile.objects.get(pk=UUID(text), cleared_at__isnull=True)
    except (ValueError, StoredFile.DoesNotExist) as error:
        raise Invalid({"file": [_("There is no such file.")]}) from error


def detach(row: Attachment, record: Any, *, actor: Any, source: str = "page") -> Done:
    """Move a file to where it waits thirty days. Raises Denied."""
    if not may_remove(actor, record, row):
        raise Denied("delete", record)
    with working(record, "detach", actor, source) as work:
        work.remove(row)
    return Done(work.change, row)


# Comments -----------------------------------------------------------------------------------------------------------


def comment(
    work: Work,
    record: Any,
    *,
    text: Annotated[str, COMMENT],
    mentions: str = "",
) -> Comment:
    """Say something about a record; whoever is named with an @ and sees the record is told.

    `mentions` are ids with commas, for names that several people have.
    """
    said = _checked(text)
    people = words.named(said, _ids(mentions))
    values = {**about(record), "text": said, "owner": work.actor, "mentions": [person.pk for person in people]}
    row: Comment = work.create(Comment, values)
    work.stir(record._meta.label_lower, [record.pk])
    _tell(row, record, work.actor, row.mentions)
    return row


def edit(row: Comment, record: Any, text: str, *, actor: Any, mentions: str = "", source: str = "page") -> Done:
    """Change one's own words; people named for the first time are told. Raises Denied or Invalid."""
    _check_own(row, record, actor)
    said = _checked(text)
    former = set(row.mentions)
    people = words.named(said, former | _ids(mentions))
    with working(record, "edit_comment", actor, source) as work:
        if row.text != said:
            row.text, row.mentions, row.edited_at = said, [person.pk for person in people], work.now
            work.save(row)
            _tell(row, record, actor, set(row.mentions) - former)
    return Done(work.change if work.change.pk else None, row)


def take_down(row: Comment, record: Any, *, actor: Any, source: str = "page") -> Done:
    """Delete one's own comment; it comes back by undo. Raises Denied."""
    _check_own(row, record, actor)
    with working(record, "delete_comment", actor, source) as work:
        work.remove(row)
    return Done(work.change, row)


def _check_own(row: Comment, record: Any, actor: Any) -> None:
    if row.owner_id != actor.pk or not access.may(actor, VERB, record):
        raise Denied(VERB, record)


def _checked(text: str) -> str:
    said = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not said:
        raise Invalid({"text": [_("Write something.")]})
    if len(said) > LONGEST:
        raise Invalid({"text": [_("A comment has at most %(most)s characters.") % {"most": f"{LONGEST:,}"}]})
    return said


def _ids(text: str) -> set[int]:
    return {int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) < 19}


def _tell(row: Comment, record: Any, actor: Any, people: Collection[int]) -> None:
    """Tell those who are named; who may not see the record isn't."""
    if people:
        url = f"{record.entity.url('detail', record)}?tab=comments"
        telling.tell("mentioned", people, actor=actor, row=record, text=" ".join(row.text.split())[:200], url=url)


def register_all() -> None:
    """Give every kind of record its verb; called when all models are known."""
    for entity in taking_part():
        action(
            entity.model,
            COMMENT,
            verb=VERB,
            icon="message-2",
            position=90,
            shown=lambda row: False,
        )(comment)
