"""What belongs to one seller, for tests of who else may reach it: a record of every kind and what is around them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.core.files.base import ContentFile
from django.http import HttpResponseNotFound
from django.test import Client
from django.views import defaults

from xiaoguan.apps.approvals.models import Request, Route
from xiaoguan.apps.audit import exporting, reviewing
from xiaoguan.apps.collaboration.models import Attachment, Comment
from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.dashboards.models import WallLink
from xiaoguan.apps.enclosures.models import Enclosure
from xiaoguan.apps.handover.models import Sheet
from xiaoguan.apps.notices.models import Message, Notice
from xiaoguan.apps.org.models import Role
from xiaoguan.apps.org.models.signin import Attempts
from xiaoguan.apps.quotes import content
from xiaoguan.apps.territories.models import Recut
from xiaoguan.apps.webhooks.models import Delivery
from xiaoguan.files.models import StoredFile
from xiaoguan.kit import access, action, bulk, clock, job, keeping, recent
from xiaoguan.kit.conformance import Samples
from xiaoguan.kit.entity import Entity, entities
from xiaoguan.kit.models import Change
from xiaoguan.transfer import batches
from xiaoguan.transfer.models import Export, SavedRecipe
from xiaoguan.transfer.options import Options

from tests.cast import Cast
from tests.samples import owned_by, samples

SECRET = "Nightjar-5520"


@dataclass
class World:
    """What belongs to the seller: a record of every kind, and the things around them that have ids of their own."""

    cast: Cast
    made: Samples
    rows: dict[str, Any] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def reaches(self, part: str, entity: Entity) -> bool:
        """Whether somebody of the cast may see the seller's record; the grid of rights holds what this says."""
        pk = self.rows[entity.name].pk
        return bool(access.visible(entity.model, self.cast.again(part)).filter(pk=pk).exists())


@pytest.fixture
def world(cast: Cast) -> World:
    """The seller's records, and what was made around them."""
    made = samples(cast)
    found = World(cast, made)
    for entity in entities.values():
        found.rows[entity.name] = owned_by(cast.seller, entity, made)
    customer = found.rows["customers.customer"]
    action.update(customer, {"name": SECRET}, actor=cast.seller)
    twin = action.create(Customer, {"name": SECRET}, actor=cast.seller)
    merge = Entity.of(Customer).actions["merge"](customer, actor=cast.seller, others=str(twin.pk)).change
    now = clock.now()
    view, _change = keeping.save(Entity.of(Customer), SECRET, {"q": SECRET}, actor=cast.seller)
    about = {"entity": "customers.customer", "object_id": customer.pk}
    quoted = found.rows["quotes.quote"]
    asked = {"about": "quotes.quote", "object_id": quoted.pk}
    words = {"text": SECRET, "next_try": now, "created_at": now}
    endpoint = found.rows["webhooks.endpoint"]
    sent = {"event": "created", "body": "{}", "next_try": now, "created_at": now}
    app = SocialApp.objects.create(provider="openid_connect", provider_id="own", name="Own", client_id="x")
    stored = StoredFile.objects.create(
        path="stored/x", name=SECRET, type="application/pdf", size=1, digest="0", by=cast.seller, at=now
    )
    laid = {"about": "customers.customer", "object_id": customer.pk, "owner": cast.seller}
    upload = ContentFile(b"name\nNightjar\n", name="f.csv")
    batch = batches.take(upload, "f.csv", Entity.of(Customer), cast.seller, Options().to_json())
    found.things = {
        "import": batch,
        "enclosure": Enclosure.objects.create(batch=batch, name=SECRET, created_at=now),
        "stored": stored,
        "comment": Comment.objects.create(text=SECRET, **laid),
        "attachment": Attachment.objects.create(file=stored, **laid),
        "job": job.done(bulk.KIND, {"entity": "customers.customer"}, {"entity": "customers.customer"},
                        actor=cast.seller),
        "file": job.done(exporting.KIND, {}, {"path": "audit/1.csv"}, actor=cast.director),
        "notice": Notice.objects.create(person=cast.seller, kind="record.assigned", at=now, title=SECRET, **about),
        "message": Message.objects.create(channel="mail", person=cast.seller, **words),
        "change": Change.objects.filter(actor=cast.seller, entity="customers.customer").latest("pk"),
        "merge": merge,
        "view": view,
        "recipe": SavedRecipe.objects.create(
            entity="customers.customer", name=SECRET, owner=cast.seller, created_at=now, updated_at=now
        ),
        "export": Export.objects.create(
            entity="customers.customer", actor=cast.seller, form="csv", name=SECRET, created_at=now, expires_at=now
        ),
        "delivery": Delivery.objects.create(endpoint=endpoint, **about, **sent),
        "lock": Attempts.objects.create(key="k", person=cast.seller, last_at=now, failures=9),
        "way": app,
        "account": SocialAccount.objects.create(user=cast.seller, provider="own", uid="1"),
        "passkey": Authenticator.objects.create(user=cast.seller, type="webauthn", data={"name": SECRET}),
        "approval": Request.objects.create(
            kind="quote.discount", title=SECRET, owner=cast.seller, snapshot=content.of(quoted), digest="0",
            about_version=1, created_at=now, **asked
        ),
        "route": Route.objects.create(kind="quote.discount", name=SECRET, created_at=now),
        "sheet": Sheet.objects.create(
            handover=found.rows["handover.handover"], successor=cast.manager, owner=cast.seller
        ),
        "wall_link": WallLink.objects.create(
            dashboard=found.rows["dashboards.dashboard"], owner=cast.seller, digest="0", expires_at=now
        ),
        "recut": Recut.objects.create(on=now.date(), rules={}, owner=cast.director),
        "review": reviewing.begin(SECRET, actor=cast.administrator),
        "seller": cast.seller, "tigers": cast.tigers, "role": Role.objects.order_by("pk").first(),
    }  # fmt: skip
    return found


@pytest.fixture
def not_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the page «nothing here» once for everybody; after that its number says enough.

    It knows nothing of what was asked for, and is most of the work of tests that are refused thousands of times.
    """
    usual, seen = defaults.page_not_found, set()

    def answer(request: Any, exception: Exception) -> Any:
        if request.user.pk in seen:
            return HttpResponseNotFound()
        seen.add(request.user.pk)
        return usual(request, exception)

    monkeypatch.setattr(defaults, "page_not_found", answer)


def client_of(person: Any) -> Client:
    """Signed in just now, so that no page asks for a fresh proof first."""
    client = Client()
    client.force_login(person)
    session = client.session
    session[recent.KEY] = time.time()
    session.save()
    return client
