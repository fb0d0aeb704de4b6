"""One verb on many rows as one change: what can't be done to a row is told, and the others are done all the same.

A few rows are done at once, many by a job chunk by chunk; all chunks add to the same change, which is undone as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.kit import access, columns, filters, form, guard, job, kinds, problems, undo
from xiaoguan.kit.action import Action, Work
from xiaoguan.kit.controls import Input
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.errors import Denied, Invalid, KitError, Refusal, Stale
from xiaoguan.kit.form import RecordForm
from xiaoguan.kit.listing import PASSING, Listing
from xiaoguan.kit.models.change import Change
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.verbs import VerbForm

AT_ONCE = 300
"""So many rows are done while the person waits; more go to a job."""
CHUNK = 200
KIND = "kit.bulk"
OWN = ("edit", "owner", "delete")


def offered(entity: Entity, actor: Any) -> list[dict[str, Any]]:
    """What may be done with many rows at once."""
    may_change = access.may(actor, "change", entity.model)
    found = [
        {"name": each.name, "label": each.label, "icon": each.icon}
        for each in entity.actions.values()
        if each.bulk and access.may(actor, each.verb, entity.model)
    ]
    own_transfer = any(each["name"] == "transfer" for each in found)
    if may_change and fields(entity, actor):
        found.insert(0, {"name": "edit", "label": _("Edit fields"), "icon": "pencil"})
    if entity.scope == "owner" and not own_transfer and may_change:
        found.append({"name": "owner", "label": _("Change owner"), "icon": "transfer"})
    if access.may(actor, "delete", entity.model):
        found.append({"name": "delete", "label": _("Delete"), "icon": "trash"})
    return found


def fields(entity: Entity, actor: Any) -> list[str]:
    """The fields that may become the same on many rows: those of the form, without what is one record's alone."""
    single = {*entity.names("key"), *entity.names("title"), *entity.names("alone")}
    single |= {entity.scope, *(["owner"] if entity.scope == "owner" else [])}
    hidden = access.masked(actor, entity.model)
    found = [entity.column(name) for name in entity.names("form") if name not in single | hidden]
    return [column.path for column in found if not column.field.unique and not column.field.many_to_many]


@dataclass
class Outcome:
    """What became of the rows: how many changed, how many were so already, and who was refused for which reason."""

    changed: int = 0
    unchanged: int = 0
    refused: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    change: Change | None = None

    @property
    def refusals(self) -> int:
        """How many rows were refused."""
        return sum(len(ids) for ids in self.refused.values())

    def as_json(self) -> dict[str, Any]:
        """What a job keeps of it."""
        change = self.change.pk if self.change is not None else None
        return {
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": dict(self.refused),
            "change": change,
        }

    @classmethod
    def of(cls, found: Mapping[str, Any] | None) -> Outcome:
        """What a job has kept."""
        made = cls()
        if found:
            made.changed, made.unchanged = int(found.get("changed", 0)), int(found.get("unchanged", 0))
            made.refused.update({reason: list(ids) for reason, ids in found.get("refused", {}).items()})
            made.change = Change.objects.filter(pk=found.get("change") or 0).first()
        return made

    def words(self) -> str:
        """`35 changed, 3 were so already, 2 refused`."""
        parts = [ngettext("%(n)s changed", "%(n)s changed", self.changed) % {"n": f"{self.changed:,}"}]
        if self.unchanged:
            parts.append(
                ngettext("%(n)s was so already", "%(n)s were so already", self.unchanged) % {"n": self.unchanged}
            )
        if self.refusals:
            parts.append(ngettext("%(n)s refused", "%(n)s refused", self.refusals) % {"n": self.refusals})
        return _(", ").join(parts)


class Task:
    """A bulk verb for one actor: what it asks, and how it is done to rows; `data` is what was posted."""

    def __init__(self, entity: Entity, actor: Any, name: str, data: Mapping[str, str] | None = None) -> None:
        self.entity = entity
        self.actor = actor
        self.name = name
        self.data = data
        self.action: Action | None = entity.actions.get(name) if name not in OWN else None
        self.verb = self.action.verb if self.action else "delete" if name == "delete" else "change"
        self.verb_form = VerbForm(self.action, actor, data=data) if self.action else None
        self.form = RecordForm(entity, actor, data=data or {}, names=fields(entity, actor)) if name == "edit" else None
        self.chosen = [name for name in (data or {}).get("_set", "").split(",") if name]
        self.owner = self._owner() if name == "owner" else None
        self.errors: list[str] = []
        self._values: dict[str, Any] = {}

    def _owner(self) -> Input:
        column = self.entity.column("owner")
        raw = (self.data or {}).get("owner", "")
        item = Input(name="owner", label=_("New owner"), kind="person", raw=raw, required=True)
        form.fill_options(item, column.field.related_model, self.actor)
        return item

    @property
    def inputs(self) -> list[Input]:
        """What to show; an edit shows its fields by `form`."""
        if self.verb_form is not None:
            return self.verb_form.inputs
        return [self.owner] if self.owner else []

    def ready(self) -> bool:
        """Read what was posted; False with the errors beside the inputs."""
        if self.verb_form is not None:
            values = self.verb_form.values()
            self._values = values or {}
            return values is not None
        if self.form is not None:
            return self._read_fields(self.form)
        if self.owner is not None:
            try:
                self._values = {"owner": form.read_value(self.entity.column("owner"), self.owner.raw, self.actor)}
            except kinds.Unparsable as problem:
                self.owner.errors.append(problems.sentence(problem.code, "person"))
                return False
        return True

    def _read_fields(self, sent: RecordForm) -> bool:
        chosen = [column for column in sent.columns if column.path in self.chosen]
        if not chosen:
            self.errors.append(_("Tick at least one field to change."))
            return False
        wanted = RecordForm(self.entity, self.actor, data=self.data or {}, names=[column.path for column in chosen])
        fine = wanted.valid()
        sent.inputs |= wanted.inputs
        if fine:
            self._values = {column.path: wanted.values.get(column.path) for column in chosen}
        return fine

    def said(self) -> list[tuple[str, str]]:
        """The fields and their new values in words."""
        return [(columns.label(self.entity, name), str(value)) for name, value in self._values.items()]

    def apply(self, work: Work, rows: Sequence[Any]) -> int:
        """Do it to rows inside a running work; how many changed. Raises what a single row would."""
        model = self.entity.model
        for row in rows:
            if not access.may(self.actor, self.verb, row):
                raise Denied(self.verb, row)
        label = model._meta.label_lower
        if self.action is not None:
            guard.check(f"{label}.{self.action.name}", work=work, rows=rows, values=self._values)
            result = self.action.func(work, list(rows), **self._values)
            return len(result) if isinstance(result, list | tuple) else len(rows)
        if self.name == "delete":
            guard.check(f"{label}.delete", work=work, rows=rows, values={})
            return len(work.remove(*rows))
        for row in rows:
            for name, value in self._values.items():
                setattr(row, name, value)
        for row in rows:
            if not access.may(self.actor, "change", row) and "owner" not in self._values:
                raise Denied("change", row)
        guard.check(f"{label}.update", work=work, rows=rows, values={})
        return len(work.save(*rows))

    @property
    def change_name(self) -> str:
        """What the history calls it."""
        return self.action.name if self.action else "delete" if self.name == "delete" else "update"


def rows_of(listing: Listing, verb: str, ids: Sequence[int] | None) -> models.QuerySet[Any]:
    """The rows to work on, by id: those the actor sees and may `verb`; without ids everything that matches."""
    model = listing.entity.model
    allowed = access.scope_q(model, listing.actor, verb)
    rows = listing.matching if ids is None else access.visible(model, listing.actor).filter(pk__in=ids)
    if allowed is None:
        return rows.none()
    links = [each.name for each in model._meta.concrete_fields if each.is_relation]
    return rows.filter(allowed).select_related(*links).order_by("pk")


def run(task: Task, rows: Sequence[Any], outcome: Outcome, *, source: str = "page") -> None:
    """Do a task to some rows in one transaction, adding to the outcome and its change."""
    model = task.entity.model
    undoable = task.action.undoable if task.action else True
    with transaction.atomic():
        work = Work(task.actor, task.change_name, model._meta.label_lower, source, undoable)
        if outcome.change is not None:
            work.go_on(outcome.change)
        try:
            with work.attempt():
                changed = task.apply(work, rows)
        except (Denied, Invalid, Refusal, Stale):
            changed = sum(_one_by_one(task, work, rows, outcome))
        outcome.changed += changed
        refused = {pk for ids in outcome.refused.values() for pk in ids}
        outcome.unchanged += sum(row.pk not in refused for row in rows) - changed
        outcome.change = work.finish() or outcome.change


def _one_by_one(task: Task, work: Work, rows: Sequence[Any], outcome: Outcome) -> Iterator[int]:
    """After a refusal: every row by itself, fresh from the database; who is refused is noted with the reason."""
    links = [each.name for each in task.entity.model._meta.concrete_fields if each.is_relation]
    fresh = task.entity.model._default_manager.filter(pk__in=[row.pk for row in rows]).select_related(*links)
    for row in fresh.order_by("pk"):
        try:
            with work.attempt():
                yield task.apply(work, [row])
        except (Denied, Invalid, Refusal, Stale) as problem:
            outcome.refused[reason(task.entity, problem)].append(row.pk)


def reason(entity: Entity, problem: KitError) -> str:
    """Why a row was refused, short enough to count by."""
    if isinstance(problem, Refusal):
        return f"{problem.title}: {problem.rule or problem.cause}"
    if isinstance(problem, Stale):
        return _("Somebody else is changing it at the moment.")
    if isinstance(problem, Invalid):
        found = []
        for name, texts in problem.errors.items():
            try:
                lead = f"{columns.label(entity, name)}: " if name else ""
            except models.FieldDoesNotExist:
                lead = ""
            found += [f"{lead}{text}" for text in texts]
        return " ".join(found)
    return _("You may not change it.")


def enqueue(listing: Listing, task: Task, ids: Sequence[int] | None, total: int) -> Job:
    """Leave a task to a job; it reads rows and values anew with the rights its actor has then."""
    params = {name: value for name, value in listing.given.items() if name not in PASSING}
    if listing.view is not None:
        params["view"] = listing.view.code
    payload = {
        "entity": task.entity.name,
        "params": params,
        "name": task.name,
        "data": dict(task.data or {}),
        "ids": None if ids is None else list(ids),
    }
    return job.enqueue(KIND, payload, actor=task.actor, total=total)


@job.job(KIND, label=gettext_lazy("Change of many records"), lease=120)
def work_through(running: job.Run) -> dict[str, Any]:
    """Chunk by chunk in the order of ids; the cursor carries the outcome so far."""
    payload, actor = running.payload, running.actor
    entity = entities[payload["entity"]]
    task = Task(entity, actor, payload["name"], payload["data"])
    if not access.may(actor, task.verb, entity.model) or not task.ready():
        raise job.Fail(_("You may no longer do this, or a value is no longer there."))
    while True:
        cursor = running.cursor or {"last": 0, "outcome": None}
        listing = Listing(entity, actor, payload["params"])
        if listing.problems and payload["ids"] is None:
            raise job.Fail(" ".join(listing.problems))
        rows = list(rows_of(listing, task.verb, payload["ids"]).filter(pk__gt=cursor["last"])[:CHUNK])
        outcome = Outcome.of(cursor["outcome"])
        if not rows:
            return {**outcome.as_json(), "entity": entity.name, "url": f"{entity.url('list')}done/{running.row.pk}/"}
        if outcome.change is not None and undo.is_reversed(outcome.change):
            raise job.Fail(_("It was undone meanwhile; the rest stays as it is."))
        with running.chunk(done=len(rows)) as step:
            run(task, rows, outcome)
            step.cursor = {"last": rows[-1].pk, "outcome": outcome.as_json()}


def remember(entity: Entity, actor: Any, name: str, outcome: Outcome) -> Job:
    """Keep the outcome of what was done at once as that of a job, so that its refusals can be looked at."""
    payload = {"entity": entity.name, "name": name}
    return job.done(KIND, payload, {**outcome.as_json(), "entity": entity.name}, actor=actor)


def refused_ids(actor: Any, raw: str, entity: Entity) -> list[int]:
    """The rows that a bulk change of the actor's own has refused; LookupError where there is none such."""
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18:
        raise LookupError(raw)
    row = Job.objects.filter(kind=KIND, actor=actor.pk, pk=int(raw)).first()
    if row is None or not isinstance(row.result, dict) or row.result.get("entity") != entity.name:
        raise LookupError(raw)
    return [pk for ids in row.result["refused"].values() for pk in ids]


@filters.special("refused")
def refused(entity: Entity, raw: str, actor: Any) -> filters.Filter | None:
    """The rows that a bulk change has refused, as a filter of the list."""
    try:
        ids = refused_ids(actor, raw, entity)
    except LookupError:
        return None
    return filters.Filter("refused", raw, models.Q(pk__in=ids), said=_("Refused by the change"))
