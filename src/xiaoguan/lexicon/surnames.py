"""Chinese names of people in Latin letters, surnames read as surnames."""

from __future__ import annotations

from xiaoguan.lexicon.pinyin import readings

READINGS = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "翟": "zhai", "盖": "ge", "朴": "piao", "覃": "qin",
    "缪": "miao", "薄": "bo", "冼": "xian", "洗": "xian", "乐": "yue", "员": "yun", "种": "chong", "秘": "bi", "繁": "po", "召": "shao",
    "尉迟": "yuchi", "万俟": "moqi", "单于": "chanyu", "长孙": "zhangsun", "澹台": "tantai",
}  # fmt: skip
"""How a surname is read that is read differently elsewhere."""


def in_letters(name: str) -> str:
    """Return a person's name with its Chinese characters as pinyin without tones, the rest as it is: 曾国藩 → ``zengguofan``."""
    for size in (2, 1):
        if name[:size] in READINGS:
            return READINGS[name[:size]] + _plain(name[size:])
    return _plain(name)


def _plain(text: str) -> str:
    return "".join(reading[0] if reading else char for char, reading in zip(text, readings(text), strict=True))
