"""Reviewing who may what: beginning, deciding line by line, finishing into a document nobody can change.

What is taken away is taken away by the product's own actions, at once and in the name of the reviewer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from xiaoguan.apps.audit.models import AccessEntry, Decision, How, Kind, Review, ReviewLine
from xiaoguan.apps.org import explaining
from xiaoguan.apps.org.actions import end_deputy, set_roles
from xiaoguan.apps.org.models import Deputy, Person, Reach
from xiaoguan.kit import access, clock
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.entity import entities
from xiaoguan.kit.errors import Denied, Refusal, WayOut
from xiaoguan.kit.models.collaborator import Collaborator

RIGHT = "audit.review"
UNUSED = dt.timedelta(days=90)

facts: list[Callable[[Collection[int]], Mapping[int, Mapping[str, Any]]]] = []
"""Further facts about people, by person: an app that keeps tokens or devices adds how many somebody has."""


def may_read(actor: Any) -> bool:
    """Whether somebody may look at reviews."""
    return access.grants(actor).scope(RIGHT, "view") == "all"


def may_conduct(actor: Any) -> bool:
    """Whether somebody may begin, decide and finish."""
    return access.grants(actor).scope(RIGHT, "change") == "all"


def _need(actor: Any) -> None:
    if not may_conduct(actor):
        raise Denied("change")


def begin(name: str, *, actor: Any) -> Review:
    """Write down who may what today, a line for each right. Raises Denied."""
    _need(actor)
    with transaction.atomic():
        work = Work(actor, "begin_review", Review._meta.label_lower, undoable=False)
        review: Review = work.create(Review, {"name": name})
        lines = [{"review": review, **line} for line in _lines()]
        if lines:
            work.create(ReviewLine, lines)
        work.finish()
    return review


def _lines() -> Iterator[dict[str, Any]]:
    """Roles, stand-ins and shared records in force or to come, with what is known about their holders."""
    people = {one.pk: one for one in Person.objects.filter(is_active=True, deleted_at__isnull=True).order_by("name")}
    known = _facts(people)
    given = explaining.since_when(people)
    for person in Person.objects.filter(pk__in=people).prefetch_related("roles").order_by("name", "pk"):
        for role in person.roles.all():
            if role.deleted_at is None:
                since = given.get((person.pk, role.pk))
                yield _line(Kind.ROLE, person, role.pk, str(role), {**known[person.pk], "since": _iso(since)})
    today = clock.today()
    lasting = Deputy.objects.filter(deleted_at__isnull=True).exclude(end__lt=today).select_related("person", "deputy")
    for row in lasting.order_by("pk"):
        dates = {"since": _iso(row.start), "until": _iso(row.end)}
        yield _line(Kind.DEPUTY, row.deputy, row.pk, str(row), {**known.get(row.deputy_id, {}), **dates})
    shares = Collaborator.objects.filter(deleted_at__isnull=True).exclude(until__lt=today).select_related("person")
    found = list(shares.order_by("pk"))
    titles = _titles(found)
    for share in found:
        if share.about not in entities:
            continue
        subject = f"{entities[share.about].label}: {titles.get((share.about, share.object_id), share.object_id)}"
        dates = {"since": _iso(share.created_at), "until": _iso(share.until), "level": share.level}
        yield _line(Kind.COLLABORATOR, share.person, share.pk, subject, {**known.get(share.person_id, {}), **dates})


def _line(kind: str, person: Person, pk: int, subject: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "person": person, "subject_id": pk, "subject": subject[:200], "facts": dict(told)}


def _titles(shares: Sequence[Collaborator]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for share in shares:
        wanted[share.about].add(share.object_id)
    return {
        (name, row.pk): str(row)
        for name, ids in wanted.items()
        if name in entities
        for row in entities[name].model._default_manager.filter(pk__in=ids)
    }


def _facts(people: Mapping[int, Person]) -> dict[int, dict[str, Any]]:
    """Reach, last sign-in, exports of the last ninety days: a fixed number of queries for everybody."""
    since = clock.machine_now() - UNUSED
    reach = Counter(
        dict(Reach.objects.values("viewer_id").annotate(n=Count("person_id")).values_list("viewer_id", "n"))
    )
    rows = AccessEntry.objects.filter(how=How.EXPORT, at__gte=since).values("actor_id").annotate(n=Count("pk"))
    exports = Counter(dict(rows.values_list("actor_id", "n")))
    found: dict[int, dict[str, Any]] = {}
    for pk, person in people.items():
        unused = person.last_login is None or person.last_login < since
        found[pk] = {
            "reach": reach[pk],
            "exports": exports[pk],
            "last_login": _iso(person.last_login),
            "unused": unused,
        }
    for give in facts:
        for pk, more in give(people).items():
            found.setdefault(pk, {}).update(more)
    return found


def _iso(value: dt.date | None) -> str | None:
    if isinstance(value, dt.datetime):
        value = clock.local(value).date()
    return value.isoformat() if value else None


def decide(review: Review, wanted: Mapping[int, tuple[str, str]], *, actor: Any) -> list[ReviewLine]:
    """Keep or take away, with a note; what is taken away ends now. Raises Denied and what the actions refuse."""
    _need(actor)
    with transaction.atomic():
        rows = list(review.lines.filter(pk__in=wanted, decision=Decision.OPEN).select_related("person"))
        chosen = [row for row in rows if wanted[row.pk][0] in (Decision.KEEP, Decision.REMOVE)]
        if not chosen:
            return []
        for row in chosen:
            row.decision, row.note = wanted[row.pk][0], wanted[row.pk][1][:200]
            row.decided_by, row.decided_at = actor, clock.now()
            if row.decision == Decision.REMOVE:
                _take_away(row, actor)
        work = Work(actor, "decide_review", Review._meta.label_lower, undoable=False)
        work.save(*chosen)
        work.finish()
    return chosen


def _take_away(line: ReviewLine, actor: Any) -> None:
    """Run the action that ends this right; a right that is gone already is fine."""
    if line.kind == Kind.ROLE:
        left = [role for role in line.person.roles.all() if role.pk != line.subject_id]
        set_roles(line.person, actor=actor, roles=left)
    elif line.kind == Kind.DEPUTY:
        row = Deputy.objects.filter(pk=line.subject_id, deleted_at__isnull=True).first()
        if row is not None:
            end_deputy(row, actor=actor)
    else:
        share = Collaborator.objects.filter(pk=line.subject_id, deleted_at__isnull=True).first()
        record = entities[share.about].model._default_manager.filter(pk=share.object_id).first() if share else None
        if share is not None and record is not None:
            record.entity.actions["unshare"](record, actor=actor, person=share.person)


def finish(review: Review, *, actor: Any) -> Review:
    """Lock the review: its digest covers every line, who finished it and when, and the review before it."""
    _need(actor)
    with transaction.atomic():
        left = review.lines.filter(decision=Decision.OPEN).count()
        if left:
            raise Refusal(
                _("This review is not finished yet"),
                _("%(n)s lines are undecided.") % {"n": left},
                code="review_open",
                ways_out=[WayOut(_("Decide every line first"), icon="checklist")],
            )
        before = Review.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()
        review.finished_at, review.finished_by = clock.now(), actor
        review.previous = before.digest if before else ""
        review.digest = digest(review)
        work = Work(actor, "finish_review", Review._meta.label_lower, undoable=False)
        work.save(review)
        work.finish()
    return review


def digest(review: Review) -> str:
    """SHA-256 over the whole document in one fixed spelling."""
    lines = [
        [
            line.pk, line.kind, line.person_id, line.subject_id, line.subject, line.facts, line.decision, line.note,
            line.decided_by_id, line.decided_at.isoformat() if line.decided_at else None,
        ]
        for line in review.lines.order_by("pk")
    ]  # fmt: skip
    finished = review.finished_at.isoformat() if review.finished_at else None
    whole = [review.pk, review.name, review.previous, finished, review.finished_by_id, lines]
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_intact(review: Review) -> bool:
    """Whether a finished review is still what was signed."""
    return bool(review.digest) and digest(review) == review.digest


@consequence(Review)
def keep_finished(work: Work, rows: Sequence[Review], fresh: bool) -> None:
    """A finished review never changes again."""
    for row in rows:
        if not fresh and row._loaded["finished_at"] is not None:
            raise _locked(row)


@consequence(ReviewLine)
def keep_lines(work: Work, rows: Sequence[ReviewLine], fresh: bool) -> None:
    """Nor do its lines."""
    for review in Review.objects.filter(pk__in={row.review_id for row in rows}, finished_at__isnull=False):
        raise _locked(review)


def _locked(review: Review) -> Refusal:
    return Refusal(
        _("This review is finished"),
        _("It was signed by %(name)s and can't change any more.") % {"name": review.finished_by},
        code="review_locked",
        ways_out=[WayOut(_("Begin a new review"), "/audit/reviews/", icon="checklist")],
    )
