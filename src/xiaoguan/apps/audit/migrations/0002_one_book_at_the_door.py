"""Events at the door move into `org.SignIn`, the one book of them, and leave the log of readings.

Both used to be written for the same event. An entry whose event stands in the book, within two seconds, is that event:
what was typed as a name is kept with it. Every other entry becomes an event of its own, by means that were not noted.
Backwards the entries are written anew from the book, which keeps its own; forwards again they meet their events.
"""

import datetime as dt
from bisect import bisect_left

from django.db import migrations, models
from django.db.models import Max, Q

SLACK = dt.timedelta(seconds=2)
PORTION = 500
HOW = ("sign_in", "failed", "sign_out")
MEANS = {"sign_in": ("unnoted", "done"), "failed": ("password", "failed"), "sign_out": ("sign_out", "done")}


def how(event):
    """What an entry about this event says; None where the log never had one."""
    if event.kind == "sign_out":
        return "sign_out"
    if event.kind == "password" and event.outcome in ("failed", "refused"):
        return "failed"
    return "sign_in" if event.outcome == "done" and event.kind != "confirm" else None


def same(entry, event):
    """Whether both are about one event; who typed an address instead of a name had no person in the log."""
    known = entry.actor_id == event.person_id or (entry.how == "failed" and entry.actor_id is None)
    return known and how(event) == entry.how


def forwards(apps, schema_editor):
    entries = apps.get_model("audit", "AccessEntry").objects.filter(how__in=HOW).order_by("at", "pk")
    book = apps.get_model("org", "SignIn").objects
    newest = book.aggregate(pk=Max("pk"))["pk"] or 0
    taken = set()
    while portion := list(entries[:PORTION]):
        stretch = (portion[0].at - SLACK, portion[-1].at + SLACK)
        events = list(book.filter(pk__lte=newest, at__range=stretch).order_by("at", "pk"))
        times = [event.at for event in events]
        fresh, named = [], []
        for entry in portion:
            near = events[bisect_left(times, entry.at - SLACK) : bisect_left(times, entry.at + SLACK)]
            twins = [event for event in near if event.pk not in taken and same(entry, event)]
            if not twins:
                kind, outcome = MEANS[entry.how]
                fresh.append(book.model(person_id=entry.actor_id, at=entry.at, kind=kind, outcome=outcome,
                                        address=entry.where[:45], name=_name(entry)))  # fmt: skip
                continue
            twin = min(twins, key=lambda event: (event.person_id != entry.actor_id, abs(event.at - entry.at)))
            taken.add(twin.pk)
            if _name(entry):
                twin.name = _name(entry)
                named.append(twin)
        book.bulk_create(fresh)
        book.bulk_update(named, ["name"])
        entries.model.objects.filter(pk__in=[entry.pk for entry in portion]).delete()


def _name(entry):
    """What was typed, where it did not lead to a person."""
    return "" if entry.actor_id else entry.name


def backwards(apps, schema_editor):
    entry = apps.get_model("audit", "AccessEntry")
    events = apps.get_model("org", "SignIn").objects.filter(Q(kind="sign_out") | Q(outcome__in=("done", "failed", "refused")))
    fresh = []
    for event in events.order_by("pk").iterator(PORTION):
        if said := how(event):
            fresh.append(entry(at=event.at, actor_id=event.person_id, how=said, where=event.address, name=event.name))
        if len(fresh) >= PORTION:
            entry.objects.bulk_create(fresh)
            fresh = []
    entry.objects.bulk_create(fresh)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_readings_and_reviews"), ("org", "0005_one_book")]

    operations = [migrations.RunPython(forwards, backwards, elidable=True)]
