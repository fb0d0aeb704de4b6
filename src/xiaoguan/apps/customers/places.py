"""Typing where a customer is: the names that fit what stands beside, and which region is understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xiaoguan.apps.customers.models import Customer
from xiaoguan.kit import access, controls, figures, render
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.form import suggested
from xiaoguan.kit.kinds import of as kind_of
from xiaoguan.kit.pages.list import flat
from xiaoguan.lexicon import regions

USED = 200
MAP = "https://uri.amap.com/search?keyword={}"
"""A map's own address for a search by words: opens its app on a phone, a page elsewhere."""


def names_below(code: str) -> list[str]:
    """The places right below a region; a level with one place of its own name, as in Beijing, is passed over."""
    found = regions.children(code)
    if len(found) == 1 and code:
        found = regions.children(found[0])
    return [regions.name(each) for each in found]


def provinces(_actor: Any, _said: Callable[[str], str]) -> Sequence[str]:
    """Every province."""
    return names_below("")


def cities(_actor: Any, said: Callable[[str], str]) -> Sequence[str]:
    """The cities of the province; without one, every city."""
    if province := regions.find(said("province")):
        return [regions.name(each) for each in regions.children(province)]
    return [regions.name(each) for top in regions.children() for each in regions.children(top)]


def districts(_actor: Any, said: Callable[[str], str]) -> Sequence[str]:
    """The districts and counties of the city."""
    code = regions.find(said("province"), said("city"))
    return names_below(code) if code else []


def industries(actor: Any, _said: Callable[[str], str]) -> Sequence[str]:
    """The words in use, of the customers one sees."""
    rows = access.visible(Customer, actor).exclude(industry="").order_by("industry")
    return list(rows.values_list("industry", flat=True).distinct()[:USED])


suggested[Customer, "province"] = provinces
suggested[Customer, "city"] = cities
suggested[Customer, "district"] = districts
suggested[Customer, "industry"] = industries


def understood(province: str, city: str, district: str) -> SafeString:
    """Which region three texts say, and what of them is no place we know."""
    code, unknown = regions.read(province, city, district)
    kind = kind_of(Customer._meta.get_field("region"))
    place = format_html("<span>{} <b>{}</b></span>", _("Region"), kind.told(code)) if code else SafeString("")
    if not unknown:
        return place
    said = _("“%(text)s” is no place by the official list, or more than one. It stays as you typed it.")
    if code:
        said = _("“%(text)s” is no place there by the official list. It stays as you typed it.")
    notice = format_html('<span class="amber">{} {}</span>', render.icon("alert-triangle"), said % {"text": unknown[0]})
    return format_html("{} {}", place, notice)


def near(request: HttpRequest) -> HttpResponse:
    """What is offered in the three fields once one of them says something else, and the region they say."""
    if not (access.may(request.user, "create", Customer) or access.may(request.user, "change", Customer)):
        raise Denied("create", Customer)
    data = flat(request.GET)

    def said(name: str) -> str:
        return data.get(name, "")[:120]

    lists = [
        controls.datalist("id_city", cities(request.user, said), swap=True),
        controls.datalist("id_district", districts(request.user, said), swap=True),
    ]
    place = understood(said("province"), said("city"), said("district"))
    return HttpResponse(format_html("{}{}{}", place, *lists))


def whole(customer: Customer) -> str:
    """The address in one line, as a map is asked for it; empty where no street is known."""
    if not customer.address:
        return ""
    names = dict.fromkeys(part for part in (customer.province, customer.city, customer.district) if part)
    lead = "".join(name for name in names if name not in customer.address)
    return f"{lead}{customer.address}"


@figures.part(Customer, "menu", position=40)
def on_the_map(customer: Customer, actor: Any) -> SafeString:
    """Opens the address, or the typed position, in a map."""
    if access.masked(actor, Customer) & {"address", "latitude", "longitude"} or not (address := whole(customer)):
        return SafeString("")
    return format_html(
        '<a class="menu-item" href="{}" target="_blank" rel="noopener noreferrer">{}{}</a>',
        MAP.format(quote(address)),
        render.icon("map-pin"),
        _("On the map"),
    )
