"""Panels: ordered tabs, each code once per model."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import RequestFactory
from django.utils.safestring import SafeString, mark_safe

from xiaoguan.kit import panel


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's panels."""
    monkeypatch.setattr(panel, "_panels", {})


def show(request: object, record: object) -> SafeString:
    """A tab's content."""
    return mark_safe("<p></p>")


def test_position_orders_and_shown_decides() -> None:
    panel.panel(ContentType, "later", "Later", position=60)(show)
    panel.panel(ContentType, "first", "First", position=10)(show)
    panel.panel(ContentType, "secret", "Secret", position=20, shown=lambda request, record: False)(show)
    assert [each.code for each in panel.of(ContentType)] == ["first", "secret", "later"]
    request = RequestFactory().get("/")
    assert [each.code for each in panel.shown(request, ContentType())] == ["first", "later"]
    found = panel.find(ContentType, "later")
    assert found and found.render(request, ContentType()) == "<p></p>"
    assert panel.find(ContentType, "none") is None


def test_a_code_is_used_once() -> None:
    panel.panel(ContentType, "deals", "Deals")(show)
    with pytest.raises(ValueError, match="already"):
        panel.panel(ContentType, "deals", "Deals")(show)
