"""A pytest plugin: a test that commits leaves the database as the migrations made it, not empty.

Django empties every table after such a test, the rows that migrations put in (roles, stages, kinds) included; whatever
test comes next on that worker would miss them.
"""

from collections.abc import Generator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from xiaoguan.kit.entity import own_source

_seeds: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Tests are chosen by what is declared, without a database: own fields are looked up once tests run."""
    kept, own_source[:] = list(own_source), []
    try:
        return (yield)
    finally:
        own_source[:] = kept


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Remember what the migrations put in."""
    with django_db_blocker.unblock():
        _seeds.append(connection.creation.serialize_db_to_string())


def empty_and_put_back(case: TransactionTestCase) -> None:
    """Empty the tables, then load what they held when the test database was made."""
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    connection.creation.deserialize_db_from_string(_seeds[0])
    # The rows came with their keys; PostgreSQL's sequences begin again at 1 and would give the same keys out once more.
    resets = connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True))
    with connection.cursor() as cursor:
        for statement in resets:
            cursor.execute(statement)


TransactionTestCase._fixture_teardown = empty_and_put_back
