"""How much is known of a customer, and what is missing as a list of work, the weightiest first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.lookups import LessThan
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from xiaoguan.apps.customers.models import Contact, Customer, DecisionRole
from xiaoguan.kit import access, figures, filters, gauges, render, views
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.consequence import consequence
from xiaoguan.kit.derived import derived
from xiaoguan.kit.entity import Entity

PART = 900
SHOWN = 5
WHOLE = 100
TAX_CODE = 18


@dataclass(frozen=True)
class People:
    """What is known of the people of a customer; counts of those at work there."""

    total: int = 0
    reachable: int = 0
    deciders: int = 0
    attitudes: int = 0
    birthdays: int = 0


@dataclass(frozen=True)
class Item:
    """One thing to know: its weight in the whole, whether it is known, the field or form where it is entered.

    `asked` says the same to the database: of the customer, or of one of the people at work there.
    """

    label: Any
    weight: int
    known: Callable[[Customer, People], Any]
    field: str = ""
    asked: Q = Q()
    of_people: bool = False


OWN = frozenset(
    "kind_id tier region address industry annual_purchase credit_code source bank_account".split()  # what ITEMS ask
)
OF_PEOPLE = frozenset("mobile phone email wechat role attitude birthday_key left deleted_at customer_id".split())
REACHABLE = ~Q(mobile="") | ~Q(phone="") | ~Q(email="") | ~Q(wechat="")

ITEMS = (
    Item(_("A contact with a number"), 15, lambda customer, people: people.reachable, asked=REACHABLE, of_people=True),
    Item(
        _("Who decides"),
        15,
        lambda customer, people: people.deciders,
        asked=Q(role=DecisionRole.DECIDES),
        of_people=True,
    ),
    Item(_("Kind"), 10, lambda customer, people: customer.kind_id, "kind", Q(kind__isnull=False)),
    Item(_("Tier"), 10, lambda customer, people: customer.tier, "tier", ~Q(tier="")),
    Item(_("Region"), 10, lambda customer, people: customer.region, "city", ~Q(region="")),
    Item(_("Address"), 8, lambda customer, people: customer.address, "address", ~Q(address="")),
    Item(_("Industry"), 6, lambda customer, people: customer.industry, "industry", ~Q(industry="")),
    Item(
        _("Yearly purchases"),
        6,
        lambda customer, people: customer.annual_purchase is not None,
        "annual_purchase",
        Q(annual_purchase__isnull=False),
    ),
    Item(_("Unified credit code"), 6, lambda customer, people: customer.credit_code, "credit_code", ~Q(credit_code="")),
    Item(
        _("How the people stand towards us"),
        5,
        lambda customer, people: people.attitudes,
        asked=~Q(attitude=""),
        of_people=True,
    ),
    Item(_("Source"), 4, lambda customer, people: customer.source, "source", ~Q(source="")),
    Item(
        _("A birthday"),
        3,
        lambda customer, people: people.birthdays,
        asked=Q(birthday_key__isnull=False),
        of_people=True,
    ),
    Item(_("Bank account"), 2, lambda customer, people: customer.bank_account, "bank_account", ~Q(bank_account="")),
)
"""Weights add up to WHOLE."""


def people_of(customer: Customer) -> People:
    """Counts over the people at work at a customer; one query."""
    rows = everything(Contact, because="how much is known of a customer one sees; nobody is named")
    found = rows.filter(customer=customer, left=False).aggregate(
        total=Count("pk"),
        reachable=Count("pk", filter=REACHABLE),
        deciders=Count("pk", filter=Q(role=DecisionRole.DECIDES)),
        attitudes=Count("pk", filter=~Q(attitude="")),
        birthdays=Count("pk", filter=Q(birthday_key__isnull=False)),
    )
    return People(**found)


def score(hidden: Collection[str] = ()) -> Any:
    """The share of 100 that is known, as the database keeps it; what is hidden from a reader counts as known."""
    unseen = [
        Case(When(item.asked, then=Value(0)), default=Value(item.weight)) for item in ITEMS if item.field in hidden
    ]
    return reduce(add, unseen, F("points"))


def _points() -> Any:
    """The same out of the records."""
    at_work = _at_work()
    parts = []
    for item in ITEMS:
        known = Q(Exists(at_work.filter(item.asked))) if item.of_people else item.asked
        parts.append(Case(When(known, then=Value(item.weight)), default=Value(0)))
    return reduce(add, parts)


def _at_work() -> Any:
    people = everything(Contact, because="how much is known of a customer one sees; nobody is named")
    return people.filter(customer=OuterRef("pk"), left=False).order_by()


def store(customers: Iterable[int | None]) -> None:
    """Keep how much is known of some customers, as their records and those of their people say; one statement."""
    wanted = sorted({pk for pk in customers if pk is not None})
    for at in range(0, len(wanted), PART):
        _keep(Customer._base_manager.filter(pk__in=wanted[at : at + PART]))


def _keep(rows: Any) -> int:
    bare = Q(kind__isnull=True) | Q(tier="") | Q(region="") | Q(address="") | ~Exists(_at_work())
    lacking = Case(When(bare, then=Value(True)), default=Value(False))
    return int(rows.update(points=_points(), lacking=lacking))


@consequence(Customer)
def keep_known(_work: Work, rows: Sequence[Customer], fresh: bool) -> None:
    """What is known of a customer itself; of a new one nothing, unless it says something."""
    store(
        row.pk
        for row in rows
        if (any(getattr(row, name) not in (None, "") for name in OWN) if fresh else OWN & set(row.changed_fields()))
    )


@consequence(Contact)
def keep_known_of_people(work: Work, rows: Sequence[Contact], fresh: bool) -> None:
    """What its people make known of a customer; who changes the company takes it along."""
    touched: set[int] = set()
    for row in rows:
        changed = {} if fresh else row.changed_fields()
        if fresh or OF_PEOPLE & set(changed):
            touched |= {row.customer_id, changed.get("customer_id", (row.customer_id, None))[0]}
    store(touched)
    work.stir(Customer.entity.name, touched - {None})


@derived("customers.known", _("How much is known of customers"))
def rebuild() -> str:
    """Of every customer anew."""
    return f"={_keep(Customer._base_manager.all())}"


def missing(customer: Customer, people: People) -> list[Item]:
    """What is not known yet, the weightiest first."""
    return [item for item in ITEMS if not item.known(customer, people)]


def unknown(ids: Sequence[int], hidden: Collection[str] = ()) -> dict[int, list[Item]]:
    """What is not known of each of some customers, the weightiest first, without what is hidden; one query."""
    people = everything(Contact, because="how much is known of a customer one sees; nobody is named")
    at_work = people.filter(customer=OuterRef("pk"), left=False)
    told = {f"item_{place}": item for place, item in enumerate(ITEMS) if item.field not in hidden}
    rows = everything(Customer, because="asked of customers that one sees").filter(pk__in=ids).order_by()
    known = {
        name: Case(
            When(Q(Exists(at_work.filter(item.asked))) if item.of_people else item.asked, then=Value(1)),
            default=Value(0),
        )
        for name, item in told.items()
    }
    return {
        row["pk"]: [item for name, item in told.items() if not row[name]]
        for row in rows.annotate(**known).values("pk", *known)
    }


def where(customer: int, item: Item, nobody: bool) -> str:
    """Where one thing is entered: its field of the form, the people of a customer, the first of them."""
    own = Entity.of(Customer)
    if item.field:
        return f"{own.url('edit', customer)}#id_{item.field}"
    if nobody:
        return f"{Entity.of(Contact).url('new')}?customer={customer}"
    return f"{own.url('detail', customer)}?tab=contacts"


@figures.part(Customer, "left", position=10)
def completeness_card(customer: Customer, actor: Any) -> SafeString:
    """The share that is known, and the next things to find out."""
    if not access.may(actor, "change", customer):
        return SafeString("")
    hidden = access.masked(actor, Customer)
    gaps = [item for item in missing(customer, people_of(customer)) if item.field not in hidden]
    share = 100 - sum(item.weight for item in gaps)
    html = '<li>{}<span>{}</span><a href="{}" aria-label="{}">{}</a></li>'
    fill = gettext("Fill in")
    nobody = any(item is ITEMS[0] for item in gaps)
    lines = format_html_join(
        "",
        html,
        (
            (render.icon("circle-dashed"), i.label, where(customer.pk, i, nobody), f"{fill}: {i.label}", fill)
            for i in gaps[:SHOWN]
        ),
    )
    said = ngettext("%(n)s thing is missing.", "%(n)s things are missing.", len(gaps)) % {"n": len(gaps)}
    body = format_html('<p class="muted">{}</p><ul class="todo">{}</ul>', said, lines) if gaps else ""
    return format_html(
        '<section class="card"><header class="card-head"><h2>{}</h2><span class="push num">{}%</span></header>'
        '<div class="card-body stack stack-8">{}{}</div></section>',
        gettext("Completeness"), share, gauges.bar(share, 100, gettext("Completeness")), body,
    )  # fmt: skip


@filters.condition(
    Customer, "incomplete", _("data missing"), reads="kind tier region address",
)  # fmt: skip
def incomplete(_actor: Any) -> Q:
    """Customers of which something that every sale needs is not known."""
    return Q(lacking=True)


views.view(Customer, "incomplete", _("Data missing"), "is=incomplete&owner=me&sort=tier", position=40)


@filters.condition(Customer, "gaps", _("something not known"))
def gaps(actor: Any) -> Q:
    """Customers of which not all is known that can be; what is hidden from the actor counts as known."""
    return Q(LessThan(score(access.masked(actor, Customer)), Value(WHOLE)))
