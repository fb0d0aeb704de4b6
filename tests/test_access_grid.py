"""Who may open what: one table of roles and entities, one of roles and the pages apps wrote themselves.

The record in question always belongs to `seller`, one of the tigers: `manager` leads the tigers,
`other_manager` the wolves, `director` both. A route that no table knows fails the last test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from xiaoguan.kit import access
from xiaoguan.kit.entity import Entity, entities

from tests.cast import Cast
from tests.grid_approvals import APPROVALS, PROGRAMS
from tests.grid_figures import FIGURES
from tests.grid_pages import PAGES, addresses, signed_in
from tests.samples import owned_by, samples

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("not_found_once")]
SHARES_A_COMPANY = True

# Before the dot what one may do at all: l list, n new, x export, b recycle bin.
# Behind it what one may do with the seller's record: v view, e edit, d delete.
RIGHTS = """
                          seller    peer      manager   other_manager director  hr        finance   service   administrator auditor   outsider
kit.ownfield              -         -         -         -         -         -         -         -         lxb.vd    lx.v      -
org.calendarday           l.v       l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       lnxb.ved  lx.v      -
org.company               l.v       l.v       l.v       l.v       l.v       l.v       l.v       l.v       lnxb.ved  lx.v      -
org.exchangerate          l.v       l.v       l.v       l.v       l.v       l.v       lnxb.ved  l.v       lnxb.ved  lx.v      -
org.team                  l.v       l.v       l.v       l.v       l.ve      lnxb.ved  l.v       l.v       lnxb.ved  lx.v      -
org.membership            l.v       l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       lnxb.ved  lx.v      -
org.deputy                lb.vd     lb.v      lb.vd     lb.v      lb.vd     lb.vd     lb.v      lb.v      lnxb.ved  lx.v      -
org.role                  -         -         -         -         -         l.v       -         -         lnxb.ved  lx.v      -
org.person                l.v       l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       lnxb.ved  lx.v      -
notices.robot             -         -         -         -         -         -         -         -         lnxb.ved  lx.v      -
webhooks.endpoint         -         -         -         -         -         -         -         -         lnxb.ved  lx.v      -
intake.source             -         -         -         -         -         -         -         -         lnxb.ved  lx.v      -
collaboration.tag         l.v       l.v       ln.v      ln.v          ln.v      l.v       l.v       l.v       lnxb.ved  lx.v      -
customers.customerkind    l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
customers.customer        lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      l.v       lnxb.ved  lx.v      -
customers.contact         lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  -         lx.v      l.v       lnxb.ved  lx.v      -
territories.territory     l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
territories.assignment    l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
customers.customerfact    lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  -         lx.v      l.v       lnxb.ved  lx.v      -
projects.project          lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
projects.participant      lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
projects.protection       l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
projects.registration     lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
projects.conflict         lx.v      lx.       lx.v      lx.       lx.v      l.v       lx.v      -         lx.v      lx.v      -
opportunities.lossreason  l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
opportunities.pipeline    l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
opportunities.stage       l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
opportunities.criterion   l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
opportunities.duty        l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
opportunities.product     l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
opportunities.deal        lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
opportunities.stageentry  lx.v      lx.       lx.v      lx.       lx.v      l.v       lx.v      -         lnxb.ved  lx.v      -
opportunities.dealline    lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
quotes.pricebook          l.v       l.v       l.v       l.v           lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
quotes.priceentry         l.v       l.v       l.v       l.v           lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
quotes.quote              lnxb.ved  lnxb.     lnxb.ved  lnxb.         lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
quotes.quoteline          lnxb.ved  lnxb.     lnxb.ved  lnxb.         lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
opportunities.dealmember  lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
opportunities.dealparty   lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lx.v      -         lnxb.ved  lx.v      -
commerce.contract         lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lnxb.ved  -         lnxb.ved  lx.v      -
commerce.amendment        lx.v      lx.       lx.v      lx.       lx.v      l.v       lnxb.ved  -         lnxb.ved  lx.v      -
commerce.receipt          lx.v      lx.       lx.v      lx.       lx.v      l.v       lnxb.ved  -         lnxb.ved  lx.v      -
commerce.refund           lx.v      lx.       lx.v      lx.       lx.v      l.v       lnxb.ved  -         lnxb.ved  lx.v      -
leads.lead                lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  -         -         -         lnxb.ved  lx.v      -
leads.question            l.v       l.v       l.v       l.v       lnxb.ved  -         -         -         lnxb.ved  lx.v      -
leads.webform             l.v       l.v       l.v       l.v       lnxb.ved  -         -         -         lnxb.ved  lx.v      -
pools.pool                l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
pools.poolrule            l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
pools.poolentry           l.v       l.v       lx.v      lx.v      lx.v      -         -         -         lx.v      lx.v      -
billing.plantemplate      l.v       l.v       l.v       l.v       lnxb.ved  l.v       lnxb.ved  l.v       lnxb.ved  lx.v      -
billing.planpart          l.v       l.v       l.v       l.v       lnxb.ved  l.v       lnxb.ved  l.v       lnxb.ved  lx.v      -
billing.instalment        lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lnxb.ved  -         lnxb.ved  lx.v      -
billing.order             lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lnxb.ved  l.v       lnxb.ved  lx.v      -
billing.orderline         lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lnxb.ved  l.v       lnxb.ved  lx.v      -
billing.invoice           lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lnxb.ved  -         lnxb.ved  lx.v      -
billing.allocation        lx.v      lx.       lx.v      lx.       lx.v      l.v       lnxb.ved  -         lnxb.ved  lx.v      -
expenses.expensekind      l.v       l.v       l.v       l.v       lnxb.ved  l.v       lnxb.ved  l.v       lnxb.ved  lx.v      -
expenses.expense          lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       lnxb.ved  lnxb.     lnxb.ved  lx.v      -
activities.followup       lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       -         lnxb.     lnxb.ved  lx.v      -
activities.task           lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       -         lnxb.     lnxb.ved  lx.v      -
activities.feedback       lnxb.ved  lnxb.     lnxb.ved  lnxb.     lnxb.ved  l.v       -         lnxb.ved  lnxb.ved  lx.v      -
api.token                 ln.v      ln.       ln.       ln.       ln.       ln.       ln.       ln.       lnx.v     lx.v      -
handover.handover         lx.v      lx.       lx.v      lx.       lx.v      l.v       -         -         lx.v      lx.v      -
goals.target              l.v       l.        lnxb.ved  lnxb.     lnxb.ved  l.v       l.v       -         lnxb.ved  lx.v      -
dashboards.dashboard      lnxb.ved  lnxb.    lnxb.     lnxb.         lnxb.     lnxb.     lnxb.     lnxb.         lnxb.ved      lx.v      -
metrics.definition        l.v       l.v       l.v       l.v       lnxb.ved  l.v       l.v       l.v       lnxb.ved  lx.v      -
metrics.marketsize        -         -         l.v       l.v       lnxb.ved  -         l.v       -         lnxb.ved  lx.v      -
"""  # noqa: E501  a table is read across

# The letter a verb of its own needs; change and delete are e and d of the table above.
VERBS = {
    "org.person set_roles": "administrator",
    "org.person transfer": "hr administrator",
    "org.person appoint": "hr administrator",
    "org.person set_deputy": "director hr administrator",
    "org.person leave": "hr administrator",
    "org.person rejoin": "hr administrator",
    "org.person prefer": "hr administrator",
    "org.person introduce": "hr administrator",
    "api.token revoke": "seller administrator",
    "customers.customer transfer": "seller manager director administrator",
    "customers.customer log": "seller manager director service administrator",
    "customers.customer plan_next_step": "seller manager director service administrator",
    "projects.registration confirm": "manager director administrator",
    "projects.conflict rule": "director",
    "customers.customer give_back": "seller manager director administrator",
    "customers.customer spare": "manager director administrator",
    "customers.customer expose": "manager director administrator",
    "leads.lead take": "seller manager director administrator",
    "leads.lead transfer": "seller manager director administrator",
    "leads.lead distribute": "manager director administrator",
    "pools.poolentry claim": "seller peer manager other_manager director",
    "pools.poolentry transfer": "manager director administrator",
    "commerce.contract plan_by_template": "seller manager director finance administrator",
    "expenses.expense pay_back": "finance administrator",
    "billing.order deliver": "seller manager director finance service administrator",
    "commerce.contract order": "seller manager director finance administrator",
    "billing.invoice issue": "finance administrator",
    "billing.invoice red_flush": "finance administrator",
    "billing.instalment waive": "director finance administrator",
    "opportunities.deal transfer": "seller manager director administrator",
    "opportunities.deal log": "seller manager director administrator",
    "opportunities.deal plan_next_step": "seller manager director administrator",
    "dashboards.dashboard copy_board": "seller administrator auditor",
}

ROLES = RIGHTS.split("\n")[1].split()


def table() -> dict[str, dict[str, str]]:
    """Entity → role → letters."""
    rows = [line.split() for line in RIGHTS.strip().split("\n")[1:]]
    return {row[0]: dict(zip(ROLES, row[1:], strict=True)) for row in rows}


def expected(entity: Entity, page: str, role: str, letters: str) -> int:
    """404 for whoever may not even see, 403 for whoever sees but may not, else 200."""
    general, _dot, own = letters.partition(".")
    page, _space, verb = page.partition(" ")
    letter, on_record = PAGES[page]
    if on_record and "v" not in own:
        return 404
    if not on_record and "l" not in general:
        return 404
    if letter == "verb":
        action = entity.actions[verb]
        if action.verb in ("change", "delete", "share"):  # whoever may change a record as delivered may share it
            return 200 if {"change": "e", "delete": "d", "share": "e"}[action.verb] in own else 403
        if action.verb == "comment":  # whoever sees a record may speak about it, but not who only audits
            return 403 if role == "auditor" else 200
        return 200 if role in VERBS[f"{entity.name} {verb}"].split() else 403
    return 200 if letter in (own if on_record else general) else 403


@pytest.mark.parametrize("entity", [pytest.param(entity, id=entity.name) for entity in entities.values()])
def test_pages_of_the_kit(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    clients = signed_in(cast, ROLES)
    wrong = []
    for number, (page, url) in enumerate(addresses(entity, row)):
        if not resolve(url.partition("?")[0]).func.__module__.startswith("xiaoguan.kit.pages"):
            continue  # an app's own page stands in front of it: see the other table
        for role, want in asked(entity, page, number):
            found = clients[role].get(url).status_code
            if found != want:
                wrong.append(f"{role} {page}: {found}, not {want}")
    assert not wrong, "\n".join(wrong)


def asked(entity: Entity, page: str, number: int) -> Iterator[tuple[str, int]]:
    """(role, status) of whoever is refused, and of one of all who have the same letters and get the page.

    Who that is changes from page to page; that `may` says the same to all of them is another test's matter.
    """
    served: dict[str, list[str]] = {}
    for role, letters in table()[entity.name].items():
        want = expected(entity, page, role, letters)
        if want == 200:
            served.setdefault(letters, []).append(role)
        else:
            yield role, want
    for roles in served.values():
        yield roles[number % len(roles)], 200


@pytest.mark.parametrize("entity", [pytest.param(entity, id=entity.name) for entity in entities.values()])
def test_the_rule_says_what_the_table_says(entity: Entity, cast: Cast) -> None:
    """What pages ask before they serve, for every role and verb."""
    row = owned_by(cast.seller, entity, samples(cast))
    for role, letters in table()[entity.name].items():
        person = cast.again(role)
        general, _dot, own = letters.partition(".")
        for verb, letter in (("view", "v"), ("change", "e"), ("delete", "d")):
            if verb == "view" or entity.names("form"):
                assert access.may(person, verb, row) == (letter in own), (role, verb)
        assert access.may(person, "view", entity.model) == ("l" in general), role
        assert access.may(person, "export", entity.model) == ("x" in general), role


@pytest.mark.parametrize("entity", [pytest.param(entity, id=entity.name) for entity in entities.values()])
def test_parts_for_htmx_ask_for_the_same_rights(entity: Entity, cast: Cast) -> None:
    row = owned_by(cast.seller, entity, samples(cast))
    for role in ("peer", "outsider", "auditor"):
        letters = table()[entity.name][role]
        client = Client()
        client.force_login(getattr(cast, role))
        for page, target in (("list", "list"), ("detail", "panel-body"), ("timeline", "timeline")):
            url = entity.url(page) if page == "list" else entity.url(page, row)
            found = client.get(url, headers={"HX-Request": "true", "HX-Target": target}).status_code
            assert found == expected(entity, page, role, letters), (role, page)


# Pages that apps wrote themselves: who gets 200 (or another answer behind `=`); everybody else gets 404.
# `all` is everybody who is signed in; a role named behind it overrides.
MANAGEMENT = "manager director hr finance administrator auditor"
COMPANY = "seller peer manager other_manager director hr finance administrator auditor"
STAFF = f"{COMPANY} service"
ENTERS = "seller peer manager other_manager director administrator hr=403 finance=403 service=403 auditor=403"
OWN: dict[str, tuple[str, str]] = {
    "home": ("/", "all"),
    "me": ("/me/", "all"),
    "search": ("/search/?q=lamp", "all"),
    "find": ("/find/?q=lamp", "all"),
    "jobs": ("/jobs/", "all"),
    "job": ("/jobs/1/", ""),
    "job_cancel": ("/jobs/1/cancel/", "all=405"),
    "job_retry": ("/jobs/1/retry/", "all=405"),
    "keep_file": ("/files/", "all=405"),
    "stored_file": ("/files/0192f1aa-0000-7000-8000-000000000000/", ""),
    "collaboration:files": ("/with/customers/1/files/", "all=405"),
    "collaboration:comments": ("/with/customers/9999/comments/", ""),
    "collaboration:people": ("/with/customers/9999/people/", ""),
    "collaboration:tags": ("/with/customers/9999/tags/", ""),
    "collaboration:edit": ("/with/comment/1/edit/", ""),
    "collaboration:delete": ("/with/comment/1/delete/", "all=405"),
    "collaboration:file": ("/with/file/1/", ""),
    "collaboration:detach": ("/with/file/1/remove/", "all=405"),
    "insight:members": ("/homes/people/", "all"),
    "insight:person": ("/homes/people/{cast.seller.pk}/", f"{MANAGEMENT} seller=302"),
    "insight:team": ("/homes/teams/{cast.tigers.pk}/", MANAGEMENT),
    "insight:pivot": ("/insight/pivot/", STAFF),
    "insight:pivot_file": ("/insight/pivot/file/", STAFF),
    "forecast:calibration": ("/forecast/calibration/", COMPANY),
    "briefing:page": ("/briefing/", COMPANY),
    "insight:metrics": ("/metrics/", STAFF),
    "insight:quality": ("/quality/", STAFF),
    "insight:metric": ("/metrics/won_amount/?by=tier", STAFF),
    "process:report": ("/insight/process/", COMPANY),
    "goals:new": (
        "/targets/new/",
        f"{STAFF} seller=403 peer=403 hr=403 finance=403 auditor=403 service=404",
    ),
    "goals:line": ("/targets/line/?subject=person:{cast.seller.pk}", f"{MANAGEMENT} seller"),
    "claims:claim": ("/expenses/claim/", "all hr=403 auditor=403 outsider=404"),
    "billing:reminders": ("/settings/reminders/", "director finance administrator"),
    "billing:ageing": ("/receivables/", COMPANY),
    "billing:behind": ("/receivables/behind/", COMPANY),
    "billing:ageing_file": ("/receivables/file/", f"{COMPANY} hr=404"),
    "opportunities:team": ("/deals/9999/team/", ""),
    "opportunities:parties": ("/deals/9999/parties/", ""),
    "billing:plan": ("/contracts/1/plan/", ""),
    "twins:new": ("/customers/new/", ENTERS),
    "twins:alike": ("/customers/alike/?name=lamp", ENTERS),
    "handing:start": ("/people/{cast.seller.pk}/hand-over/", "manager director administrator"),
    "handing:handover": ("/handovers/1/", ""),
    "handing:sign": ("/handovers/sheets/1/sign/", "all=405"),
    "market:map": ("/territories/map/", STAFF),
    "market:recut": (
        "/territories/recut/",
        f"{STAFF} seller=403 peer=403 manager=403 other_manager=403 hr=403 finance=403 service=403 auditor=403",
    ),
    "market:drop": ("/territories/recut/1/drop/", "all=405"),
    "lead_pages:new": ("/leads/new/", "seller peer manager other_manager director administrator auditor=403"),
    "lead_pages:response": ("/leads/answers/", "seller peer manager other_manager director administrator auditor"),
    "lead_pages:qualify": ("/leads/1/do/qualify/", ""),
    "lead_pages:convert": ("/leads/1/do/convert/", ""),
    "lead_form:fresh_address": ("/lead-forms/1/address/", "all=405"),
    "twins:places": ("/customers/places/?city=Kunshan", ENTERS),
    "twins:pairs": ("/customers/duplicates/", ENTERS),
    "twins:look": ("/customers/duplicates/look/", "all=405"),
    "twins:decide": ("/customers/duplicates/decide/", "all=405"),
    "merging:compare_customers": ("/customers/merge/?ids=8,9", "all=404 hr=403 finance=403 service=403 auditor=403"),
    "merging:compare_contacts": ("/contacts/merge/?ids=8,9", "all=404 finance=403 service=403 auditor=403"),
    "merging:compare_products": ("/products/merge/?ids=8,9", "all=403 director=404 administrator=404 outsider=404"),
    "merging:compare_leads": ("/leads/merge/?ids=8,9", "all=404 auditor=403"),
    "merging:pick_leads": ("/leads/999999/do/merge/", ""),
    "merging:chosen_leads": ("/leads/bulk/merge/", "all=405"),
    "merging:duplicates_contacts": (
        "/contacts/duplicates/",
        "seller peer manager other_manager director administrator finance=403 service=403 auditor=403",
    ),
    "merging:decide_contacts": ("/contacts/duplicates/decide/", "all=405"),
    "merging:duplicates_leads": (
        "/leads/duplicates/",
        "seller peer manager other_manager director administrator auditor=403",
    ),
    "merging:decide_leads": ("/leads/duplicates/decide/", "all=405"),
    "merging:done": ("/merges/999999/", ""),
    "merging:pick_customers": ("/customers/999999/do/merge/", ""),
    "merging:chosen_customers": ("/customers/bulk/merge/", "all=405"),
    "merging:pick_contacts": ("/contacts/999999/do/merge/", ""),
    "merging:chosen_contacts": ("/contacts/bulk/merge/", "all=405"),
    "merging:pick_products": ("/products/999999/do/merge/", ""),
    "merging:chosen_products": ("/products/bulk/merge/", "all=405"),
    "building_sites:new": ("/projects/new/", f"{ENTERS} service=404"),
    "building_sites:alike": ("/projects/alike/?name=lamp", f"{ENTERS} service=404"),
    "building_sites:conflict": ("/registration-conflicts/1/", ""),
    "public_pool:tonight": ("/customers/to-the-pool/", f"{STAFF} outsider=404"),
    "activities:day": ("/activities/", "all"),
    "activities:log": ("/activities/log/", "all hr=403 auditor=403 finance=404 outsider=404"),
    "org:chart": ("/org/", STAFF),
    "org:branch": ("/org/branch/{cast.tigers.pk}/", STAFF),
    "org:members": ("/org/members/{cast.tigers.pk}/", STAFF),
    "org:links": ("/org/links/{cast.tigers.pk}/", "hr administrator"),
    "org:company": ("/org/company/", "all=302"),
    "org:link": ("/org/people/{cast.seller.pk}/link/", "all=405"),
    "org:grants": ("/org/roles/1/grants/", "all=405"),
    "org:role_preview": ("/org/roles/1/preview/", "all=404 hr=403 administrator=302 auditor=403"),
    "org:role_reset": ("/org/roles/1/reset/", "all=405"),
    "org:role_copy": ("/org/roles/1/copy/", "all=405"),
    "org:role_compare": ("/org/roles/1/compare/", "hr administrator auditor"),
    "org:why": ("/org/why/", "manager other_manager director hr administrator auditor"),
    "org:deputies": ("/org/deputies/", STAFF),
    "org:deputy_end": ("/org/deputies/1/end/", "all=405"),
    "doctor": ("/operation/doctor/", "administrator"),
    "operation:clear_demo": ("/operation/demonstration/", "administrator"),
    "audit:log": ("/audit/", "administrator auditor"),
    "audit:export": ("/audit/export/", "administrator auditor"),
    "audit:file": ("/audit/files/1/", ""),
    "audit:readings": ("/audit/readings/", "administrator auditor"),
    "audit:sign_ins": ("/audit/sign-ins/", "administrator auditor"),
    "audit:watched": ("/audit/sensitive/", "administrator auditor"),
    "audit:reviews": ("/audit/reviews/", "administrator auditor"),
    "audit:review": ("/audit/reviews/1/", ""),
    "audit:document": ("/audit/reviews/1/document/", ""),
    "org:roles": ("/org/people/{cast.seller.pk}/roles/", "all=405"),
    "ownfields:index": ("/settings/own-fields/", "administrator auditor"),
    "ownfields:fields": ("/settings/own-fields/customers/", "administrator auditor"),
    "ownfields:new": ("/settings/own-fields/customers/new/", "administrator auditor=403"),
    "ownfields:edit": ("/settings/own-fields/customers/1/", ""),
    "ownfields:move": ("/settings/own-fields/customers/1/move/", "all=405"),
    "ownfields:retire": ("/settings/own-fields/customers/1/retire/", "all=405"),
    "ownfields:delete": ("/settings/own-fields/customers/1/delete/", "all=405"),
    "factor_needed": ("/accounts/2fa/needed/", "all=302"),
    "signin:settings": ("/settings/sign-in/", "administrator"),
    "signin:new_way": ("/settings/sign-in/new/", "administrator"),
    "signin:way": ("/settings/sign-in/1/", ""),
    "signin:remove_way": ("/settings/sign-in/1/remove/", "all=405"),
    "signin:lift": ("/settings/sign-in/locks/1/lift/", "all=405"),
    "signin:end_sessions": ("/people/{cast.seller.pk}/sessions/end/", "all=405"),
    "signin:reset_factors": ("/people/{cast.seller.pk}/factors/reset/", "all=405"),
    "signin:end_devices": ("/accounts/devices/end/", "all=405"),
    "signin:unlink": ("/accounts/linked/1/remove/", "all=405"),
    "settings": ("/settings/", "all outsider=404"),
    "join": ("/people/new/", "all=403 hr=200 administrator=200 outsider=404"),
    "import:start": ("/import/", "all"),
    "inbox": ("/inbox/", "all"),
    "inbox_count": ("/inbox/count/", "all"),
    "inbox_read": ("/inbox/read/", "all=405"),
    "inbox_open": ("/inbox/999999/", ""),
    "inbox_settings": ("/inbox/settings/", "all"),
    "inbox_try": ("/inbox/settings/try/", "all=405"),
    "channels": ("/channels/", "administrator auditor"),
    "channels_try": ("/channels/try/", "all=405"),
    "channels_retry": ("/channels/retry/1/", "all=405"),
    "robot_setup": ("/robots/1/setup/", "all=405"),
    "robot_try": ("/robots/1/try/", "all=405"),
    "import:recipes": ("/import/recipes/", "all"),
    "import:recipe": ("/import/recipes/1/", "all=405"),
    "import:recipe_file": ("/import/recipes/1/file/", ""),
    "enclosures:new": ("/import/0197c3a0-0000-7000-8000-000000000000/files/", ""),
    "enclosures:show": ("/import/files/0197c3a0-0000-7000-8000-000000000000/", ""),
    "exports:list": ("/exports/", "all"),
    "exports:part": ("/exports/0197c3a0-0000-7000-8000-000000000000/", ""),
    "exports:file": ("/exports/0197c3a0-0000-7000-8000-000000000000/file/", ""),
    "exports:delete": ("/exports/0197c3a0-0000-7000-8000-000000000000/delete/", "all=405"),
    "intake_recipe": ("/scheduled-imports/1/recipe/", "all=405"),
    "intake_secret": ("/scheduled-imports/1/secret/", "all=405"),
    "webhook_topics": ("/webhooks/1/topics/", "all=405"),
    "webhook_secret": ("/webhooks/1/secret/", "all=405"),
    "webhook_ping": ("/webhooks/1/ping/", "all=405"),
    "webhook_delivery": ("/webhooks/deliveries/1/", ""),
    "webhook_resend": ("/webhooks/deliveries/1/resend/", "all=405"),
    "api:docs": ("/api/v1/docs/", "all auditor=403 outsider=404"),
    "api_token_new": ("/tokens/new/", "all auditor=403 outsider=404"),
}

OWN |= APPROVALS | FIGURES

# Routes whose rights another test walks through, and those before and without signing in.
ELSEWHERE = {
    "lead_form:show": "src/xiaoguan/apps/leads/tests: for whoever has the address",
    "boards:linked": "src/xiaoguan/apps/dashboards/tests: for whoever has the address",
    "below:files": "tests/test_conformance_together.py",
    "below:file": "tests/test_conformance_together.py",
    "metrics": "apps/operation/tests/test_metrics.py: for machines the environment names",
    "healthz": "tests/test_settings.py",
    "readyz": "tests/test_settings.py",
    "account_login": "tests/test_door.py",
    "account_logout": "tests/test_door.py",
    "account_inactive": "tests/test_door.py",
    "account_signup": "tests/test_door.py",
    "account_change_password": "tests/test_door.py",
    "account_set_password": "tests/test_door.py",
    "account_reauthenticate": "tests/test_door.py",
    "set_language": "tests/test_door.py",
    "api:document": "tests/test_api.py",
    "api:docs_bare": "tests/test_api_tokens.py",
    "api:nowhere": "tests/test_api.py",
    "mfa_index": "src/xiaoguan/apps/signin/tests",
    "mfa_authenticate": "src/xiaoguan/apps/signin/tests",
    "mfa_reauthenticate": "src/xiaoguan/apps/signin/tests",
    "mfa_activate_totp": "src/xiaoguan/apps/signin/tests",
    "mfa_deactivate_totp": "src/xiaoguan/apps/signin/tests",
    "mfa_view_recovery_codes": "src/xiaoguan/apps/signin/tests",
    "mfa_generate_recovery_codes": "src/xiaoguan/apps/signin/tests",
    "mfa_list_webauthn": "src/xiaoguan/apps/signin/tests",
    "mfa_login_webauthn": "src/xiaoguan/apps/signin/tests",
    "mfa_add_webauthn": "src/xiaoguan/apps/signin/tests",
    "mfa_reauthenticate_webauthn": "src/xiaoguan/apps/signin/tests",
    "mfa_edit_webauthn": "src/xiaoguan/apps/signin/tests",
    "mfa_remove_webauthn": "src/xiaoguan/apps/signin/tests",
    "socialaccount_login_cancelled": "src/xiaoguan/apps/signin/tests",
    "way_start": "src/xiaoguan/apps/signin/tests",
    "way_back": "src/xiaoguan/apps/signin/tests",
    "welcome": "src/xiaoguan/apps/org/tests",
    "undo": "tests/test_pages_write.py",
    "import:show": "tests/test_import_pages.py",
    "import:keep": "tests/test_import_recipes.py",
    "import:header": "tests/test_import_pages.py",
    "import:map": "tests/test_import_pages.py",
    "import:run": "tests/test_import_pages.py",
    "import:problems": "tests/test_import_pages.py",
    "import:links": "tests/test_import_pages.py",
    "import:revert": "tests/test_import_pages.py",
    **PROGRAMS,
}


def routes(patterns: list[Any], prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str, Any]]:
    """(name, route, view) of every pattern of the project."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield ":".join([*spaces, pattern.name or route.strip("/")]), route, pattern.callback
        elif isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from routes(pattern.url_patterns, route, inner)


@pytest.mark.parametrize("space", sorted({name.partition(":")[0] for name in OWN}))
def test_pages_of_apps(space: str, cast: Cast) -> None:
    clients = signed_in(cast, ROLES)
    wrong = []
    for name in (each for each in OWN if each.partition(":")[0] == space):
        url, allowed = OWN[name]
        answer = dict(part.partition("=")[::2] for part in allowed.split())
        for role, client in clients.items():
            said = answer.get(role, answer.get("all"))
            want = 404 if said is None else int(said or 200)
            if (found := client.get(url.format(cast=cast)).status_code) != want:
                wrong.append(f"{role} {name}: {found}, not {want}")
        stranger = Client().get(url.format(cast=cast))
        if (stranger.status_code, "login" in stranger.get("Location", "")) != (302, True):
            wrong.append(f"{name} does not send a stranger to the door: {stranger.status_code}")
    assert not wrong, "\n".join(wrong)


def test_every_entity_and_every_route_is_in_a_table() -> None:
    assert set(table()) == set(entities)
    slugs = {entity.slug for entity in entities.values()}
    unknown = []
    for name, route, view in routes(get_resolver().url_patterns):
        space, _colon, page = name.partition(":")
        if space in slugs and view.__module__.startswith("xiaoguan.kit.pages"):
            if page not in PAGES:
                unknown.append(f"{route} ({name}): add the page to PAGES")
        elif space in ("api", "below", "beside", "of_deals", "of_metrics") and page.rpartition("-")[0] in slugs:
            continue  # tests/test_conformance_api.py walks through every entity's addresses in the API
        elif name not in OWN and name not in ELSEWHERE:
            unknown.append(f"{route} ({name}): add the route to OWN")
    assert not unknown, "\n".join(unknown)
