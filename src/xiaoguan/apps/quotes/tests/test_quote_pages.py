"""The table of lines, versions side by side, the settings, and the paper: what is typed stays text."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import typst
from django.test import Client

from xiaoguan.apps.opportunities.models import Deal, Product
from xiaoguan.apps.quotes import actions, content, fonts, printing
from xiaoguan.apps.quotes.models import House, Quote, QuoteLine
from xiaoguan.apps.quotes.tests.test_quotes import _again, _quote, deal, lamp  # noqa: F401  fixtures
from xiaoguan.files import uses
from xiaoguan.files.tests import samples

from tests.cast import Cast

pytestmark = pytest.mark.django_db
EVIL = '#panic("x") $ \\ ] [ *bold* `#read("/etc/passwd")` <a> @b // c /* #{1+1} \\u{41} = - + / ~ _i_'


@pytest.fixture
def seller(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.seller)
    return client


def _rows(*rows: dict[str, str]) -> dict[str, str]:
    names = ("name", "quantity", "unit_name", "price", "discount")
    filled = {f"l-{at}-{name}": row.get(name, "") for at, row in enumerate(rows) for name in names}
    return filled | {f"l-{at}-id": row["id"] for at, row in enumerate(rows) if "id" in row}


def test_the_table(cast: Cast, deal: Deal, lamp: Product, seller: Client) -> None:  # noqa: F811
    """Names find products, empty prices the book; sums are told while one types; one post writes it all."""
    quote = _quote(cast, deal, {"product": lamp, "quantity": 2})
    url = f"/quotes/{quote.pk}/"
    line = quote.lines.get()
    kept = {"name": "Line lamp", "quantity": "10.5", "discount": "5%", "id": str(line.pk)}
    rows = _rows(kept, {"name": "Design", "price": "300"}, {})
    page = seller.get(f"{url}lines/").content.decode()
    assert 'value="Line lamp"' in page and "200.00" in page
    told = seller.post(f"{url}sums/", {**rows, "whole_discount": "10"}, headers={"HX-Request": "true"}).content.decode()
    assert "1,167.75" in told and "hx-swap-oob" in told  # (10.5 × 100 − 5 % + 300) − 10 %
    assert _again(quote).amount == 20_000
    wrong = _rows({**kept, "quantity": "many"})
    assert seller.post(f"{url}lines/", wrong).status_code == 422
    done = seller.post(f"{url}lines/", {**rows, "whole_discount": "10", "version": str(_again(quote).version)})
    assert done.status_code == 302 and _again(quote).amount == 116_775
    stale = seller.post(f"{url}lines/", {**rows, "version": "1"})
    assert stale.status_code == 409
    design = QuoteLine.objects.get(quote=quote, name="Design")
    seller.post(f"{url}lines/", _rows({"name": "", "id": str(design.pk)}, {**kept, "quantity": "1"}))
    assert _again(quote).amount == 9_500
    peer = Client()
    peer.force_login(cast.peer)
    assert [peer.post(f"{url}{page}/", rows).status_code for page in ("lines", "sums")] == [404, 404]


def test_versions_and_paper(cast: Cast, deal: Deal, lamp: Product, seller: Client) -> None:  # noqa: F811
    """Both versions are read and printed; neither page nor paper says what sellers don't see, paper to nobody."""
    quote = _quote(cast, deal, {"product": lamp, "quantity": 7, "discount": 4_000})
    actions.submit(quote, actor=cast.seller)
    margin = f"{_again(quote).margin_rate / 1000:.1f}%"
    line = quote.lines.get()
    seller.post(f"/quotes/{quote.pk}/lines/", _rows({"name": lamp.name, "quantity": "9", "id": str(line.pk)}))
    page = seller.get(f"/quotes/{quote.pk}/versions/").content.decode()
    assert "672.00" in page and "900.00" in page and margin not in page
    manager = Client()
    manager.force_login(cast.manager)
    assert margin in manager.get(f"/quotes/{quote.pk}/versions/").content.decode()
    began = time.monotonic()
    for version, status in (("", 200), ("1", 200), ("2", 200), ("9", 404)):
        answer = manager.get(f"/quotes/{quote.pk}/pdf/?version={version}")
        assert answer.status_code == status, version
        if status == 200:
            assert answer.content.startswith(b"%PDF") and answer["Content-Type"] == "application/pdf"
    assert time.monotonic() - began < 10
    told = json.dumps(printing.data(_again(quote), content.of(_again(quote)), 2, cast.manager))
    assert not {"cost", "margin", "floor_price"} & set(json.loads(told)) and "350.00" not in told
    peer = Client()
    peer.force_login(cast.peer)
    assert peer.get(f"/quotes/{quote.pk}/pdf/").status_code == 404


@pytest.mark.parametrize("field", ["customer", "name", "note", "payment_terms", "line"])
def test_what_is_typed_is_text(field: str, cast: Cast, deal: Deal) -> None:  # noqa: F811
    """Signs that mean something to typst stand on the paper as they were typed."""
    quote = _quote(cast, deal, {"name": "Lamp", "price": 100})
    told: dict[str, Any] = content.of(quote)
    if field == "line":
        told["lines"][0]["name"] = EVIL
    else:
        told[field] = EVIL
    made = printing.pdf(quote, told, 1, actor=cast.seller)
    assert made.startswith(b"%PDF")
    data = json.dumps(printing.data(quote, told, 1, cast.seller))
    assert isinstance(typst.query(str(printing.TEMPLATE), "strong", font_paths=fonts.found(),
                                  sys_inputs={"data": data}), str)  # fmt: skip
    assert "bold" not in typst.query(
        str(printing.TEMPLATE), "strong", font_paths=fonts.found(), sys_inputs={"data": data}
    )


def test_without_a_typeface(
    cast: Cast, deal: Deal, seller: Client, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    """No empty boxes: it says what is missing and who can help."""
    monkeypatch.setattr(fonts, "chinese", lambda: "")
    quote = _quote(cast, deal, {"name": "Lamp", "price": 100})
    answer = seller.get(f"/quotes/{quote.pk}/pdf/", headers={"accept-language": "en"})
    assert answer.status_code == 409 and "typeface" in answer.content.decode()


def test_settings(cast: Cast, seller: Client) -> None:
    client = Client()
    client.force_login(cast.administrator)
    values = {"address": "1 Lamp Road", "valid_days": "20", "pattern": "BJ{yy}-{number}"}
    assert seller.get("/settings/quotes/").status_code == 404
    for wrong in ({"pattern": "BJ"}, {"valid_days": "0"}):
        assert client.post("/settings/quotes/", {**values, **wrong}).status_code == 422
    assert client.post("/settings/quotes/", values).status_code == 302
    assert client.post("/settings/quotes/", {**values, "phone": "1"}).status_code == 302
    assert House.objects.get().pattern == "BJ{yy}-{number}" and Quote.objects.count() == 0


@pytest.mark.once
def test_logo_and_seal(cast: Cast, deal: Deal, lamp: Product, seller: Client) -> None:  # noqa: F811
    """Both come by the settings; a draft has no seal, what was approved has both."""
    client = Client()
    client.force_login(cast.administrator)
    values = {"valid_days": "30", "pattern": "Q{number:4}"}
    for name, size in (("logo", (60, 20)), ("seal", (40, 40))):
        body = samples.picture("PNG", size)
        sent = client.post("/files/", {"file": samples.upload(body, f"{name}.png", "image/png")}).json()
        values[name] = sent["value"]
    assert client.post("/settings/quotes/", values).status_code == 302
    house = House.objects.get()
    assert seller.get(f"/files/{house.seal_id}/").status_code == 200
    assert uses.needed([house.logo_id, house.seal_id]) == {house.logo_id, house.seal_id}
    quote = _quote(cast, deal, {"product": lamp, "quantity": 2})
    draft = printing.pdf(quote, content.of(quote), 1, actor=cast.seller)
    actions.submit(quote, actor=cast.seller)
    done = printing.pdf(_again(quote), content.of(quote), 1, actor=cast.seller)
    assert [made.count(b"/Subtype/Image") for made in (draft, done)] == [1, 2]
    assert client.post("/settings/quotes/", {**values, "logo": ""}).status_code == 302
    assert House.objects.get().logo is None
