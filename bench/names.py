"""Company names for bench/dedupe.py: made of real short forms, and spoilt the way people spoil them."""

from __future__ import annotations

import gzip
import random
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from opencc import OpenCC

from xiaoguan.lexicon import companies, pinyin, places

FORMS = {"有限公司": 75, "股份有限公司": 12, "有限责任公司": 10, "集团有限公司": 3}
SPOILT = (
    "suffix_dropped suffix_swapped brackets region_moved region_dropped typo homophone traditional short_name".split()
)
HARDER = ["brand_typo", "brand_homophone"]
"""Spoilt where it hurts most; measured apart, since people don't aim."""
NEW = "new_brand other_place other_trade".split()


@dataclass(frozen=True)
class Company:
    """What a name is made of; in the first layout the place stands in front, else in brackets within or behind."""

    brand: str
    place: str
    trade: str
    form: str
    layout: int = 0

    @property
    def name(self) -> str:
        """The name as it is registered."""
        brand, place, trade, form = self.brand, self.place, self.trade, self.form
        if not place:
            return brand + trade + form
        return (place + brand + trade + form, f"{brand}（{place}）{trade}{form}", f"{brand}{trade}（{place}）{form}")[
            self.layout
        ]

    @property
    def known(self) -> tuple[str, str, str]:
        """What tells it apart from others."""
        return self.brand, self.place, self.trade


class Maker:
    """Makes companies and spoils their names; the same seed makes the same.

    A tenth of the brands is kept for companies that are in no world.
    """

    def __init__(self, short_forms: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        with gzip.open(short_forms, "rt", encoding="utf-8") as file:
            brands = [word for line in file if re.fullmatch("[\u4e00-\u9fff]{2,4}", word := line.strip())]
        self.chance.shuffle(brands)
        self.fresh, self.brands = brands[: len(brands) // 10], brands[len(brands) // 10 :]
        self.places = [place for place in places.short_names() if place not in places.provinces()]
        self.trades = sorted(companies.GENERIC)
        self.chance.shuffle(self.places)
        self.chance.shuffle(self.trades)
        self.place_weights = [1 / (rank + 20) for rank in range(len(self.places))]
        self.trade_weights = [1 / (rank + 10) for rank in range(len(self.trades))]
        self.traditional = OpenCC("s2t")
        # The first level of GB 2312: the 3,755 characters in daily use.
        codes = ((high, low) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
        self.chars = [char for pair in codes if (char := bytes(pair).decode("gb2312", "ignore"))]
        self.sounding: dict[str, list[str]] = defaultdict(list)
        for char in self.chars:
            self.sounding[pinyin.usual().get(char, "")].append(char)

    def company(self, brand: str) -> Company:
        """A company of this brand, somewhere, in some trade."""
        chance = self.chance
        place = chance.choices(self.places, self.place_weights)[0] if chance.random() < 0.9 else ""
        trade = chance.choices(self.trades, self.trade_weights)[0]
        form = chance.choices(list(FORMS), list(FORMS.values()))[0]
        return Company(brand, place, trade, form, chance.choices((0, 1, 2), (8, 1, 1))[0])

    def world(self, size: int) -> list[Company]:
        """That many different companies; of a million, four or five share each brand.

        A name without a place is registered once in the country: nobody else has its brand and trade.
        """
        found: dict[tuple[str, str], dict[str, Company]] = defaultdict(dict)
        count = 0
        while count < size:
            for brand in self.brands[: size - count]:
                company = self.company(brand)
                others = found[company.brand, company.trade]
                if company.place not in others and "" not in others and (company.place or not others):
                    others[company.place] = company
                    count += 1
            self.chance.shuffle(self.brands)
        return [company for others in found.values() for company in others.values()]

    def spoil(self, company: Company, kind: str) -> str:
        """The name spoilt in one way; as it is where that way changes nothing."""
        spoilt: str = getattr(self, f"_{kind}")(company)
        return spoilt

    def spoilt(self, world: list[Company], kind: str, count: int) -> list[tuple[str, int]]:
        """Spoilt names of one kind, each with the place of its company."""
        found: list[tuple[str, int]] = []
        while len(found) < count:
            at = self.chance.randrange(len(world))
            if (name := self.spoil(world[at], kind)) != world[at].name:
                found.append((name, at))
        return found

    def new(self, world: list[Company], kind: str, count: int) -> list[str]:
        """Names of companies that are not in the world: of another brand, or like one that is there elsewhere."""
        if kind == "new_brand":
            return [self.company(self.chance.choice(self.fresh)).name for _ in range(count)]
        there = {company.known for company in world}
        found: list[str] = []
        while len(found) < count:
            model, other = self.chance.choice(world), self.company("")
            if kind == "other_place":
                made = replace(model, place=other.place)
                near = places.located(other.place) == places.located(model.place)
            else:
                made, near = replace(model, trade=other.trade), False
            if model.place and made.place and not near and made.known not in there:
                found.append(made.name)
        return found

    def _suffix_dropped(self, company: Company) -> str:
        return replace(company, form="").name

    def _suffix_swapped(self, company: Company) -> str:
        return replace(company, form=self.chance.choice([form for form in FORMS if form != company.form])).name

    def _brackets(self, company: Company) -> str:
        layout = self.chance.choice([layout for layout in (1, 2) if layout != company.layout])
        name = replace(company, layout=layout).name
        return name.replace("（", "(").replace("）", ")") if self.chance.random() < 0.5 else name

    def _region_moved(self, company: Company) -> str:
        place, rest = company.place, company.brand + company.trade + company.form
        if not place:
            return company.name
        province = places.located(place)[0]
        ways = (f"{province}{place}{rest}", f"{place}市{rest}", f"{rest}（{place}）", f"{rest}({province}{place})")
        return self.chance.choice(ways)

    def _region_dropped(self, company: Company) -> str:
        return replace(company, place="").name

    def _typo(self, company: Company) -> str:
        return self._slip(company.name)

    def _brand_typo(self, company: Company) -> str:
        return replace(company, brand=self._slip(company.brand)).name

    def _slip(self, text: str) -> str:
        """One character anywhere replaced, lost, added, or swapped with the next."""
        at, other = self.chance.randrange(len(text) - 1), self.chance.choice(self.chars)
        ways = (
            text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + other + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        )  # fmt: skip
        return self.chance.choice(ways)

    def _homophone(self, company: Company) -> str:
        return self._misheard(company.name)

    def _brand_homophone(self, company: Company) -> str:
        return replace(company, brand=self._misheard(company.brand)).name

    def _misheard(self, text: str) -> str:
        """One character anywhere replaced by another that sounds like it."""
        at = self.chance.randrange(len(text))
        others = [char for char in self.sounding.get(pinyin.usual().get(text[at], "?"), []) if char != text[at]]
        return text[:at] + self.chance.choice(others) + text[at + 1 :] if others else text

    def _traditional(self, company: Company) -> str:
        return str(self.traditional.convert(company.name))

    def _short_name(self, company: Company) -> str:
        brand, place, short = company.brand, company.place, company.trade[:2]
        return self.chance.choice((brand + short, place + brand + short, place + brand)) if place else brand + short
