"""Which Chinese typefaces the machine has, for what is printed."""

from __future__ import annotations

from functools import cache

import typst
from django.conf import settings

CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei",
    "HarmonyOS Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Serif CJK SC", "SimSun",
)  # fmt: skip
"""Typefaces with the characters of a quote, the best first."""


@cache
def found() -> typst.Fonts:
    """Every typeface of the system and of the folder named by XIAOGUAN_FONTS, looked for once a process."""
    folders = [str(settings.XIAOGUAN_FONTS)] if settings.XIAOGUAN_FONTS else []
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=folders)


@cache
def chinese() -> str:
    """The best Chinese typeface there is; empty where there is none."""
    families = set(found().families())
    return next((name for name in CHINESE if name in families), "")
