"""Fictional customers and the people in them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xiaoguan.apps.org.models import Person
from xiaoguan.demo import words

BLOCK = 10_000
"""So many numbers begin with 199-0000."""


class Namer:
    """Gives names that no two customers share."""

    def __init__(self, chance: random.Random, numbers: set[int] | None = None) -> None:
        self.chance = chance
        self.taken: set[str] = set()
        self.numbers = set() if numbers is None else numbers

    def company(self, kind: str, city: str) -> tuple[str, str]:
        """Full and short name: 恒岑钢构（昆山）有限公司, 恒岑钢构."""
        _share, endings, _industry = words.KINDS[kind]
        for attempt in range(200):
            head = self.chance.choice(words.HEADS)
            if attempt > 20:
                head += self.chance.choice("华瑞达恒信诚泰和安宁")
            if attempt > 60:
                head += str(self.chance.randrange(10**7))
            short = head + self.chance.choice(endings)
            if short not in self.taken:
                self.taken.add(short)
                break
        form = self.chance.choice(
            (f"{city}{short}有限公司", f"{short}（{city}）有限公司", f"{city}{short}股份有限公司")
        )
        if kind == "design_institute":
            form = f"{city}{short}有限公司"
        return form, short

    def person(self) -> str:
        """A name for a contact."""
        return self.chance.choice(words.SURNAMES) + self.chance.choice(words.GIVEN)

    def mobile(self) -> str:
        """A number from a block that is not in use (199-0000), another one for everybody as long as they last."""
        if len(self.numbers) == BLOCK:
            self.numbers.clear()
        number = self.chance.randrange(BLOCK)
        while number in self.numbers:
            number = (number + 1) % BLOCK
        self.numbers.add(number)
        return f"1990000{number:04d}"


@dataclass(frozen=True)
class Place:
    """Where a customer is."""

    province: str
    city: str
    district: str
    address: str
    longitude: Decimal
    latitude: Decimal

    @classmethod
    def draw(cls, chance: random.Random, home: int) -> Place:
        """A place in the Yangtze delta, more often near the seller's own city."""
        weights = [each[5] * (3 if at == home else 1) for at, each in enumerate(words.CITIES)]
        province, city, districts, longitude, latitude, _weight = chance.choices(words.CITIES, weights)[0]
        road = chance.choice(words.ROADS)
        spread = [chance.gauss(0, 0.05) for _axis in range(2)]
        return cls(
            province,
            city,
            chance.choice(districts.split()),
            f"{road}{chance.randint(1, 1200)}号",
            Decimal(f"{longitude + spread[0]:.6f}"),
            Decimal(f"{latitude + spread[1]:.6f}"),
        )


def customer_values(namer: Namer, chance: random.Random, kind: str, place: Place, owner: Person) -> dict[str, Any]:
    """The fields of one customer; `kind` is a code that the shelf turns into the record."""
    name, short = namer.company(kind, place.city)
    return {
        "name": name,
        "short_name": short,
        "kind": kind,
        "tier": chance.choices("ABCD", (12, 28, 42, 18))[0],
        "industry": words.KINDS[kind][2],
        "source": chance.choices(
            ("design_institute", "referral", "prospecting", "tender", "exhibition", "returning"), (24, 18, 30, 14, 6, 8)
        )[0],
        "province": place.province,
        "city": place.city,
        "district": place.district,
        "address": place.address,
        "longitude": place.longitude,
        "latitude": place.latitude,
        "phone": _phone(chance.randrange(10_000)),
        "annual_purchase": chance.choice((None, chance.randint(20, 900) * 1_000_000)),
        "owner": owner,
    }


def _phone(number: int) -> str:
    """A number of the town; of a few only the extension was written down."""
    return f"0512-5700{number:04d}" if number % 41 else f"{number:04d}"


def contact_values(namer: Namer, chance: random.Random, kind: str) -> list[dict[str, Any]]:
    """One to four people of a customer."""
    count = chance.choices((1, 2, 3, 4), (34, 36, 20, 10))[0]
    titles = words.TITLES[kind]
    return [
        {
            "name": namer.person(),
            "title": chance.choice(titles),
            "role": chance.choice((*words.ROLES, "")),
            "mobile": namer.mobile(),
        }
        for _n in range(count)
    ]
