"""The exit criteria a deal itself can answer for: fields, products, people, files, a customer's confirmation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.collaboration.models import Attachment
from xiaoguan.apps.collaboration.models.about import about
from xiaoguan.apps.customers.models import Contact, Customer, Source
from xiaoguan.apps.customers.models.contact import DecisionRole
from xiaoguan.apps.opportunities.gates import Need, source
from xiaoguan.apps.opportunities.models import (
    NAMED,
    Asks,
    Criterion,
    Deal,
    DealField,
    DealLine,
    DealParty,
    Product,
    Proof,
    Stage,
)
from xiaoguan.files import uses
from xiaoguan.kit import access, clock, feed, kinds, memo
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import Column, Entity
from xiaoguan.kit.errors import Invalid, WayOut
from xiaoguan.kit.extra import PREFIX
from xiaoguan.kit.own.kinds import FILE
from xiaoguan.kit.param import Param

BECAUSE = "what a stage asks of a deal does not depend on who looks"

TYPES: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    DealField.AMOUNT: (int, (kinds.MONEY,)),
    DealField.EXPECTED_ON: (dt.date, ()),
    DealField.CUSTOMER: (Customer, ()),
    DealField.PRODUCT: (Product, ()),
    DealField.SOURCE: (Source, ()),
    DealField.COMPETITOR: (str, ()),
    DealField.MARGIN_RATE: (int, (kinds.PERCENT,)),
    DealField.NUMBER: (str, ()),
    DealField.NOTE: (str, ()),
}
"""How each field of a deal is asked for in the dialog of a move."""


def of_stages() -> Mapping[int, Sequence[Criterion]]:
    """The criteria of every stage, remembered until one is changed."""
    token = feed.version("opportunities.criterion", "opportunities.stage")
    return memo.remember("opportunities.criteria", token, _load)


def _load() -> dict[int, list[Criterion]]:
    found: dict[int, list[Criterion]] = {}
    for row in everything(Criterion, because=BECAUSE).order_by("stage", "pk"):
        found.setdefault(row.stage_id, []).append(row)
    return found


@source
def own_needs(deal: Deal, left: Sequence[Stage], to: Stage, actor: Any) -> Iterator[Need]:
    """What the criteria of the stages left ask; the day of signing stands in for the expected one."""
    seen: set[tuple[str, str, str]] = set()
    for stage in left:
        for row in of_stages().get(stage.pk, ()):
            make = SORTS.get(row.asks)
            mark = (row.asks, row.field if row.asks == Asks.FIELD else "", row.name)
            if make is None or mark in seen or (to.wins and mark[1] == DealField.EXPECTED_ON):
                continue
            seen.add(mark)
            yield make(deal, row, actor)


def _edit(deal: Deal, words: str) -> WayOut:
    return WayOut(words, url=Entity.of(Deal).url("edit", deal), icon="pencil")


def _field(deal: Deal, row: Criterion, actor: Any) -> Need:
    """A field that must say something; whoever may not see it can't fill it in either."""
    if row.field.startswith(PREFIX):
        return _own_field(deal, row, actor)
    entity, name = Entity.of(Deal), row.field
    label = str(entity.column(name).label)
    met = getattr(deal, entity.column(name).field.attname) not in (None, "")
    way = _edit(deal, _("Fill in: %(field)s") % {"field": label})
    if name in access.masked(actor, Deal):
        return Need(label, met, way, field=name)
    kind, notes = TYPES[name]
    param = Param(name, kind, entity.column(name).label, True, None, notes)

    def take(work: Work, deal: Deal, given: Mapping[str, Any]) -> None:
        setattr(deal, name, given[name])

    return Need(label, met, way, [param], take, field=name)


def _own_field(deal: Deal, row: Criterion, actor: Any) -> Need:
    """The same for a field the company has added; one that is out of use asks for nothing any more."""
    entity, name = Entity.of(Deal), row.field
    column = entity.own.get(name)
    if column is None or not column.field.active:
        return Need(row.words, True, _edit(deal, row.words))
    label = str(column.label)
    met = getattr(deal, name) not in (None, "")
    way = _edit(deal, _("Fill in: %(field)s") % {"field": label})
    kind = _own_type(column)
    if kind is None or not access.readable(actor, entity, name):
        return Need(label, met, way, field=name)

    def take(work: Work, deal: Deal, given: Mapping[str, Any]) -> None:
        setattr(deal, name, given[name])

    return Need(label, met, way, [Param(name, kind, label, True, None, (column.kind,))], take, field=name)


def _own_type(column: Column) -> Any:
    """The type of an argument that fills an own field in; None for kinds that only the form of the deal can ask for."""
    code = column.kind.code
    if code in ("link", "person"):
        return column.field.related_model
    if code == "choice":
        options = [(f"OPTION_{at}", pair) for at, pair in enumerate(column.field.flatchoices)]
        return models.TextChoices("Option", options)
    whole = not getattr(column.field, "decimals", 0)
    plain = {"text": str, "phone": str, "money": int, "date": dt.date, "time": dt.time, "number": int}
    return plain.get(code) if whole else None


def _products(deal: Deal, row: Criterion, actor: Any) -> Need:
    met = everything(DealLine, because=BECAUSE).filter(deal=deal).exists()
    return Need(row.words, met, _edit(deal, _("Enter the products")))


def _people(deal: Deal) -> Any:
    return everything(Contact, because=BECAUSE).filter(customer=deal.customer_id, left=False)


def _add_contact(deal: Deal) -> WayOut:
    url = f"{Entity.of(Contact).url('new')}?customer={deal.customer_id or ''}"
    return WayOut(_("Add a contact"), url=url, icon="user-plus")


def _contacts(deal: Deal, row: Criterion, actor: Any) -> Need:
    met = deal.customer_id is not None and _people(deal).count() >= (row.count or 1)
    return Need(row.words, met, _add_contact(deal))


def _decider(deal: Deal, row: Criterion, actor: Any) -> Need:
    """Somebody who decides, in the customer's company or in this deal; the dialog lets one be chosen for this deal."""
    known = everything(DealParty, because=BECAUSE).filter(deal=deal, role=DecisionRole.DECIDES).exists()
    met = known or (deal.customer_id is not None and _people(deal).filter(role=DecisionRole.DECIDES).exists())
    name = f"criterion_{row.pk}"
    param = Param(name, Contact, gettext_lazy("Who decides"), True, None)

    def take(work: Work, deal: Deal, given: Mapping[str, Any]) -> None:
        work.create(DealParty, {"deal": deal, "contact": given[name], "role": DecisionRole.DECIDES})

    allowed = access.may(actor, "create", DealParty) and access.may(actor, "view", Contact)
    return Need(row.words, met, _add_contact(deal), [param] if allowed else (), take)


def _proofs(deal: Deal, row: Criterion) -> Any:
    return everything(Proof, because=BECAUSE).filter(deal=deal, criterion=row)


def _file(deal: Deal, row: Criterion, actor: Any) -> Need:
    """A file of one kind, handed in with the move; it hangs on the deal like any other."""
    name = f"criterion_{row.pk}"
    param = Param(name, str, row.name, True, None, (FILE,), gettext_lazy("A file"))

    def take(work: Work, deal: Deal, given: Mapping[str, Any]) -> None:
        work.create(Proof, _kept(work, deal, row, file=given[name]))

    met = _proofs(deal, row).filter(attachment__deleted_at__isnull=True, attachment__isnull=False).exists()
    return Need(row.words, met, _edit(deal, row.name), [param], take)


def _confirmed(deal: Deal, row: Criterion, actor: Any) -> Need:
    """Who of the customer confirmed it, on which day; a file may prove it."""
    name = f"criterion_{row.pk}"
    params = [
        Param(name, str, _("%(what)s: who confirmed it") % {"what": row.name}, True, None),
        Param(f"{name}_on", dt.date, _("Confirmed on"), False, None),
        Param(f"{name}_file", str, _("Proof"), False, None, (FILE,)),
    ]

    def take(work: Work, deal: Deal, given: Mapping[str, Any]) -> None:
        told = {"said_by": given[name][:80], "on": given.get(f"{name}_on") or clock.today()}
        work.create(Proof, _kept(work, deal, row, file=given.get(f"{name}_file")) | told)

    return Need(row.words, _proofs(deal, row).exists(), _edit(deal, row.name), params, take)


def _kept(work: Work, deal: Deal, row: Criterion, *, file: Any = None, argument: str = "") -> dict[str, Any]:
    """The values of a proof; its file is laid to the deal in the same change."""
    found: dict[str, Any] = {"deal": deal, "criterion": row, "on": clock.today(), "owner": work.actor}
    if file:
        try:
            kept = uses.visible_file(file.id, work.actor)
        except Http404 as error:
            raise Invalid({argument or f"criterion_{row.pk}": [_("There is no such file.")]}) from error
        values = {**about(deal), "file": kept, "owner": work.actor}
        found["attachment"] = work.create(Attachment, values)
        work.stir(deal._meta.label_lower, [deal.pk])
    return found


def provable(deal: Deal) -> list[Criterion]:
    """The criteria of a deal's present stage that a file or a customer's word meets."""
    return [row for row in of_stages().get(deal.stage_id, ()) if row.asks in NAMED]


def hand_in(
    work: Work, deal: Deal, row: Criterion, *, file: Any = None, said_by: str = "", on: dt.date | None = None
) -> None:
    """Keep a proof ahead of the move; raises Invalid where what the criterion is about is not said."""
    if row.asks == Asks.FILE and not file:
        raise Invalid({"file": [_("Choose the file.")]})
    if row.asks == Asks.CONFIRMED and not said_by:
        raise Invalid({"said_by": [_("Say who confirmed it.")]})
    told = {"said_by": said_by[:80], "on": on or clock.today()}
    work.create(Proof, _kept(work, deal, row, file=file, argument="file") | told)


SORTS: Mapping[str, Callable[[Deal, Criterion, Any], Need]] = {
    Asks.FIELD: _field,
    Asks.PRODUCTS: _products,
    Asks.CONTACTS: _contacts,
    Asks.DECIDER: _decider,
    Asks.FILE: _file,
    Asks.CONFIRMED: _confirmed,
}
