"""An access review: what is listed, what taking away does, and that a finished one can't change."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from xiaoguan.apps.audit import reviewing
from xiaoguan.apps.audit.models import Decision, Kind, Review, ReviewLine
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.org.actions import set_deputy
from xiaoguan.apps.org.models import Deputy
from xiaoguan.kit import access, clock
from xiaoguan.kit.action import Work
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.kit.models.collaborator import Level

from tests.cast import Cast
from tests.samples import owned_by, samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(cast: Cast) -> Review:
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    customer.entity.actions["share"](customer, actor=cast.seller, person=cast.other_seller, level=Level.READ)
    today = clock.today()
    set_deputy(cast.seller, actor=cast.seller, deputy=cast.peer, start=today, end=today)
    return reviewing.begin("Fourth quarter", actor=cast.administrator)


def test_every_right_has_a_line_with_facts(cast: Cast, review: Review) -> None:
    kinds = [line.kind for line in review.lines.all()]
    assert (kinds.count(Kind.ROLE), kinds.count(Kind.DEPUTY), kinds.count(Kind.COLLABORATOR)) == (12, 1, 1)
    line = review.lines.get(person=cast.manager, kind=Kind.ROLE)
    assert line.facts["reach"] == 3 and line.facts["unused"] is True and line.facts["since"]


def test_taking_away_runs_the_action(cast: Cast, review: Review) -> None:
    wanted = {
        line.pk: (Decision.REMOVE, "left the project")
        for line in review.lines.filter(kind__in=(Kind.DEPUTY, Kind.COLLABORATOR))
    }
    finance = review.lines.get(person=cast.finance)
    wanted[finance.pk] = (Decision.REMOVE, "")
    reviewing.decide(review, wanted, actor=cast.administrator)
    assert not access.visible(Customer, cast.again("other_seller")).exists()
    assert not access.grants(cast.again("peer")).stands_in
    assert not cast.finance.roles.exists()
    assert Deputy.objects.filter(deleted_at__isnull=True).count() == 0
    finance.refresh_from_db()
    assert (finance.decision, finance.decided_by) == (Decision.REMOVE, cast.administrator)


def test_the_last_administrator_is_not_taken_away(cast: Cast, review: Review) -> None:
    line = review.lines.get(person=cast.administrator)
    with pytest.raises(Refusal):
        reviewing.decide(review, {line.pk: (Decision.REMOVE, "")}, actor=cast.administrator)
    line.refresh_from_db()
    assert line.decision == Decision.OPEN and cast.administrator.roles.exists()


def test_finished_it_is_locked_and_whole(cast: Cast, review: Review) -> None:
    with pytest.raises(Refusal):
        reviewing.finish(review, actor=cast.administrator)
    keep = {line.pk: (Decision.KEEP, "") for line in review.lines.all()}
    reviewing.decide(review, keep, actor=cast.administrator)
    reviewing.finish(review, actor=cast.administrator)
    review = Review.objects.get(pk=review.pk)
    assert reviewing.is_intact(review)
    line = review.lines.first()
    assert line is not None
    line.note = "later"
    work = Work(cast.administrator, "decide_review", "audit.review")
    with pytest.raises(Refusal):
        work.save(line)
    review.name = "Other"
    with pytest.raises(Refusal):
        Work(cast.administrator, "rename", "audit.review").save(review)
    ReviewLine.objects.filter(pk=line.pk).update(note="by hand in the database")
    assert not reviewing.is_intact(Review.objects.get(pk=review.pk))
    second = reviewing.begin("First quarter", actor=cast.administrator)
    reviewing.decide(second, {each.pk: (Decision.KEEP, "") for each in second.lines.all()}, actor=cast.administrator)
    reviewing.finish(second, actor=cast.administrator)
    assert second.previous == Review.objects.get(pk=review.pk).digest


def test_pages(cast: Cast, review: Review) -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.auditor)
    url = reverse("audit:review", args=[review.pk])
    page = client.get(url).content.decode()
    assert "Fourth quarter" in client.get(reverse("audit:reviews")).content.decode()
    assert "Lin Qing" in page and "Save decisions" not in page
    assert client.post(url, {"keep_rest": "1"}).status_code == 403
    assert client.post(reverse("audit:reviews"), {"name": "Mine"}).status_code == 403
    client.force_login(cast.administrator)
    line = review.lines.get(person=cast.service)
    client.post(url, {f"decision-{line.pk}": "keep", f"note-{line.pk}": "needed"})
    line.refresh_from_db()
    assert (line.decision, line.note) == ("keep", "needed")
    client.post(url, {"keep_rest": "1"})
    client.post(url, {"finish": "1"})
    page = client.get(url).content.decode()
    assert "Unchanged since." in page and "Sign and lock" not in page
    document = client.get(reverse("audit:document", args=[review.pk])).content.decode()
    review.refresh_from_db()
    assert review.digest in document and "needed" in document


def test_only_who_may_conducts(cast: Cast, review: Review) -> None:
    for person in (cast.auditor, cast.hr, cast.seller):
        with pytest.raises(Denied):
            reviewing.begin("Mine", actor=person)
        with pytest.raises(Denied):
            reviewing.decide(review, {}, actor=person)
        with pytest.raises(Denied):
            reviewing.finish(review, actor=person)
