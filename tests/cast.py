"""The people tests are about: a small company, built through the product's own actions.

Two teams of two sellers under one director; staff beside them; one person without any role.
`cast` is the fixture; `make_cast()` is for tests that set up their own database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, fields

import pytest
from django.core.cache import cache
from django.db import transaction
from pytest_django import DjangoDbBlocker

from xiaoguan.apps.org import seeding, zone
from xiaoguan.apps.org.actions import Joiner, join_many
from xiaoguan.apps.org.models import Company, Person, Role, Team
from xiaoguan.apps.org.models.membership import Post
from xiaoguan.apps.org.models.person import Position
from xiaoguan.apps.org.queries import system_actor
from xiaoguan.kit import allowance, clock, memo
from xiaoguan.kit.action import create

PASSWORD = "steady-lights-over-kunshan"


@dataclass
class Cast:
    """Everybody by part. `manager` leads the tigers, `other_manager` the wolves, `director` both."""

    company: Company
    root: Team
    sales: Team
    tigers: Team
    wolves: Team
    office: Team
    system: Person
    director: Person
    manager: Person
    other_manager: Person
    seller: Person
    peer: Person
    other_seller: Person
    other_peer: Person
    hr: Person
    finance: Person
    service: Person
    administrator: Person
    auditor: Person
    outsider: Person

    @property
    def people(self) -> dict[str, Person]:
        """Everybody but the system, by part."""
        return {
            each.name: found
            for each in fields(self)
            if each.name != "system" and isinstance(found := getattr(self, each.name), Person)
        }

    def again(self, part: str) -> Person:
        """One person as a fresh request would load him, with nothing remembered."""
        return Person.objects.get(pk=getattr(self, part).pk)


def make_cast() -> Cast:
    """Build the company; everybody but the outsider has been in his team since always, all have PASSWORD."""
    memo.forget()
    seeding.ensure(Role, Person.anybody)
    system = system_actor()
    company = create(Company, {"name": "Lumen Works", "city": "Kunshan"}, actor=system)
    root = create(Team, {"name": "Lumen Works", "kind": "company"}, actor=system)
    sales = create(Team, {"name": "Sales", "parent": root}, actor=system)
    tigers = create(Team, {"name": "Tigers", "parent": sales, "badge": "tiger", "position": 1}, actor=system)
    wolves = create(Team, {"name": "Wolves", "parent": sales, "badge": "wolf", "position": 2}, actor=system)
    office = create(Team, {"name": "Office", "parent": root, "kind": "office", "position": 3}, actor=system)

    def joins(username: str, name: str, position: str, team: Team, post: str = Post.MEMBER) -> Joiner:
        return Joiner(name=name, username=username, position=position, team=team, post=post)

    joiners = {
        "director": joins("director", "Gao Yuan", Position.SALES_DIRECTOR, sales, Post.MANAGER),
        "manager": joins("manager", "Lin Qing", Position.SALES_MANAGER, tigers, Post.MANAGER),
        "other_manager": joins("other_manager", "Zhou Min", Position.SALES_MANAGER, wolves, Post.MANAGER),
        "seller": joins("seller", "Chen Siyuan", Position.SALES_ENGINEER, tigers),
        "peer": joins("peer", "Wang Lei", Position.SALES_ENGINEER, tigers),
        "other_seller": joins("other_seller", "Xu Jing", Position.SALES_ENGINEER, wolves),
        "other_peer": joins("other_peer", "He Tao", Position.SALES_ENGINEER, wolves),
        "hr": joins("hr", "Tang Yue", Position.HR, office),
        "finance": joins("finance", "Sun Li", Position.FINANCE, office),
        "service": joins("service", "Ma Chao", Position.SERVICE, office),
        "administrator": joins("administrator", "Qian Hui", Position.ADMINISTRATOR, office),
        "auditor": joins("auditor", "Shen Ke", Position.AUDITOR, office),
        "outsider": Joiner(name="Guo An", username="outsider", roles=()),
    }
    people = join_many(list(joiners.values()), actor=system)
    people[0].set_password(PASSWORD)
    Person.objects.filter(pk__in=[person.pk for person in people]).update(password=people[0].password)
    for person in people:
        person.password = person._loaded["password"] = people[0].password
    return Cast(company, root, sales, tigers, wolves, office, system, **dict(zip(joiners, people, strict=True)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the modules that may share one company: all their tests with a database ask for it and roll back.

    A module where the others don't mind says SHARES_A_COMPANY itself.
    """
    alone: set[object] = set()
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        marker = item.get_closest_marker("django_db")
        committing = bool(marker and (marker.args or marker.kwargs)) or "transactional_db" in names
        if committing or ((marker or "db" in names) and "cast" not in names):
            alone.add(getattr(item, "module", None))
    for item in items:
        module = getattr(item, "module", None)
        if module is not None and not hasattr(module, "SHARES_A_COMPANY"):
            module.SHARES_A_COMPANY = module not in alone


@pytest.fixture(scope="module")
def company_of_module(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Cast | None]:
    """The company of all tests of a module, in a transaction around theirs; None where each makes its own."""
    if not getattr(request.module, "SHARES_A_COMPANY", False):
        yield None
        return
    with django_db_blocker.unblock(), transaction.atomic():
        with counted_in_the_settings_zone():
            made = make_cast()
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def cast(company_of_module: Cast | None, db: None) -> Cast:
    """The company for one test."""
    return make_cast() if company_of_module is None else deepcopy(company_of_module)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers must not outlive a rolled-back transaction."""
    with counted_in_the_settings_zone():
        yield


@contextmanager
def counted_in_the_settings_zone() -> Iterator[None]:
    """Forget everything remembered, and count days in the zone of the settings."""
    memo.forget()
    allowance.forget()
    cache.clear()
    zone.forget()
    clock.use_zone(lambda: None)
    yield
    clock.use_zone(zone.zone)
