"""What the sample records of some entities need beyond what their fields say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.goals.models import Target
from xiaoguan.apps.handover.models import Handover
from xiaoguan.apps.opportunities.models import Deal, StageEntry
from xiaoguan.apps.org.models import Person
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.apps.pools.models import PoolEntry
from xiaoguan.apps.projects.models import Conflict, Project, Registration
from xiaoguan.kit import action, clock
from xiaoguan.kit.action import working
from xiaoguan.kit.conformance import Samples
from xiaoguan.kit.entity import Entity

from tests.cast import Cast

DERIVED = frozenset({
    "billing.allocation",
    "commerce.amendment",
    "handover.handover",
    "opportunities.stageentry",
    "org.company",
    "pools.poolentry",
    "projects.conflict",
})  # fmt: skip
"""Written by other records or once only: nobody creates one by a form."""


def _deputy(samples: Samples, number: int) -> Mapping[str, Any]:
    first, second = Person.objects.order_by("pk")[:2]
    return {"person": first, "deputy": second, "start": dt.date(2026, 1, 1) + dt.timedelta(days=number)}


def _person(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"username": f"sample{number}", "name": f"Sample {number}"}


def _target(_samples: Samples, number: int) -> Mapping[str, Any]:
    person = Person.objects.order_by("pk").first()
    start = dt.date(clock.today().year + 1 + number // 12, number % 12 + 1, 1)
    return {"level": "person", "person": person, "kind": "month", "start": start, "amount": 10_000_000}


def _on_customer(samples: Samples, _number: int) -> Mapping[str, Any]:
    return {"customer": samples.linked(Deal._meta.get_field("customer"))}


def _token(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"name": f"Sample {number}", "digest": f"{number:064d}", "prefix": "xg_samp"}


def _own_field(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"record": "customers.customer", "code": f"sample_{number}", "label": f"Sample {number}", "kind": "text"}


def _endpoint(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"url": f"https://erp.example.com/hook/{number}"}


def _source(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"about": "customers.customer", "place": "web", "url": f"https://erp.example.com/list{number}.csv"}


def _invoice(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"amount": 100 + number}


def _criterion(_samples: Samples, _number: int) -> Mapping[str, Any]:
    return {"asks": "field", "field": "customer"}


def _instalment(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"amount": 100 + number, "due_on": dt.date(2026, 1, 1) + dt.timedelta(days=number), "position": number}


def _definition(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"code": f"sample_{number}", "name": f"Sample {number}", "counts": "won", "how": "count"}


def _market(_samples: Samples, number: int) -> Mapping[str, Any]:
    """No two samples are of one market."""
    return {"year": 2000 + number % 100, "region": "", "category": f"series {number}", "amount": 1_000_000 + number}
    return {
        "year": 2000 + number % 100,
        "region": "320000",
        "category": f"series {number}",
        "amount": 1_000_000 + number,
    }


def _order(samples: Samples, number: int) -> Mapping[str, Any]:
    """Its lines find it again by its number."""
    return {**_on_customer(samples, number), "number": f"SO-{number}"}


def _order_line(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"name": f"Sample {number}", "price": 1000 + number}


def _participant(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"part": "owner", "name": f"Sample {number}"}


def _quote(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"name": f"Sample {number}", "quoted_on": dt.date(2026, 1, 1), "valid_until": dt.date(2026, 12, 31)}


def _quote_line(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"name": f"Sample {number}", "price": 1000 + number}


def _price_entry(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"from_quantity": number + 1, "price": 1000 + number, "floor_price": 900}


def _price_book(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"name": f"Sample {number}", "valid_from": dt.date(2026, 1, 1), "valid_until": dt.date(2026, 12, 31)}


def _money(_samples: Samples, number: int) -> Mapping[str, Any]:
    return {"amount": 1_000_000 + number * 100}


def _rate(_samples: Samples, _number: int) -> Mapping[str, Any]:
    return {"rate": "7.1234"}


def _member(_samples: Samples, number: int) -> Mapping[str, Any]:
    """A share of one day still to come: nobody has two of them on one."""
    day = dt.date(2027, 1, 1) + dt.timedelta(days=number)
    return {"start": day, "end": day, "split": 10_000}


def _registration(samples: Samples, number: int) -> Mapping[str, Any]:
    project = samples.make(Entity.of(Project), name=f"Site {number} of registration")
    return {"project": project, "basis": f"Sample {number}"}


RECIPES: dict[str, Callable[[Samples, int], Mapping[str, Any]]] = {
    "org.exchangerate": _rate,
    "org.deputy": _deputy,
    "kit.ownfield": _own_field,
    "org.person": _person,
    "webhooks.endpoint": _endpoint,
    "intake.source": _source,
    "goals.target": _target,
    "opportunities.criterion": _criterion,
    "opportunities.dealmember": _member,
    "projects.participant": _participant,
    "quotes.quote": _quote,
    "quotes.quoteline": _quote_line,
    "quotes.pricebook": _price_book,
    "quotes.priceentry": _price_entry,
    "projects.registration": _registration,
    "activities.followup": _on_customer,
    "activities.task": _on_customer,
    "activities.feedback": lambda made, number: {**_on_customer(made, number), "kind": "praise"},
    "api.token": _token,
    "commerce.contract": _money,
    "commerce.receipt": _money,
    "billing.instalment": _instalment,
    "billing.invoice": _invoice,
    "billing.order": _order,
    "billing.orderline": _order_line,
    "metrics.definition": _definition,
    "metrics.marketsize": _market,
}


def samples(cast: Cast) -> Samples:
    """Samples made by the administrator of the cast."""
    return Samples(cast.administrator, RECIPES)


def _conflict(person: Person, made: Samples) -> Conflict:
    """His registration and that of the director, or of the director's peer, meet at one project."""
    project = made.make(Entity.of(Project), owner=person)
    other = Person.objects.get(username="peer" if person.username == "director" else "director")
    for owner in (person, other):
        made.make(Entity.of(Registration), project=project, owner=owner)
    return Conflict.objects.get(first__project=project)


def owned_by(person: Person, entity: Entity, made: Samples) -> Any:
    """A record whose rights follow this person: his own, or one that hangs on his own."""
    if entity.name == "org.company":
        return entity.model._default_manager.get()
    if entity.name == "opportunities.stageentry":
        deal = owned_by(person, Entity.of(Deal), made)
        return StageEntry.objects.filter(deal=deal).get()
    if entity.name == "handover.handover":
        values = {"name": "Sample", "reason": "moves", "day": dt.date(2026, 1, 1), "owner": person}
        with working(Handover, "plan_handover", actor=system_actor(), verb="create") as work:
            return work.create(Handover, values)
    if entity.name == "projects.conflict":
        return _conflict(person, made)
    if entity.name == "pools.poolentry":
        pool = made.linked(PoolEntry._meta.get_field("pool"))
        customer = owned_by(person, Entity.of(Customer), made)
        about = {"name": customer.name, "customer": customer, "pool": pool, "way": "returned"}
        return action.create(PoolEntry, {**about, "entered_on": clock.today(), "owner": person}, actor=system_actor())
    if entity.scope == "self":
        return made.make(entity)
    if entity.name == "goals.target":
        month = clock.today().replace(day=1)  # of now, so that homes tell it; his further ones are of later years
        first = not Target.objects.filter(person=person, start=month).exists()
        return made.make(entity, owner=person, person=person, **({"start": month} if first else {}))
    if entity.scope == "owner":
        return made.make(entity, owner=person)
    if entity.scope == "all":
        return made.make(entity)
    link = entity.model._meta.get_field(entity.scope)
    if link.related_model is Person:
        return made.make(entity, **{entity.scope: person})
    parent = owned_by(person, Entity.of(link.related_model), made)
    return made.make(entity, **{entity.scope: parent})
