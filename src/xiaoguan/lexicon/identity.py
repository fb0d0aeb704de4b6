"""What else than its name identifies a company: telephone numbers, the web domain, the credit code, the address."""

from __future__ import annotations

import math
import re
import unicodedata

from xiaoguan.lexicon.companies import match_key

_CODE_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_NUMBERS = re.compile(r"[+0-9][0-9 ().\-]*[0-9]")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*[0-9]+", re.IGNORECASE)
_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.\-]*://)?(?:[^@/\s]*@)?(?:www\d?\.)?((?:[a-z0-9\u3400-\u9fff](?:[a-z0-9\u3400-\u9fff\-]*)\.)+[a-z\u3400-\u9fff]{2,})(?:[:/?#]|$)"
)

EVERYBODYS = frozenset(
    "qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net 188.com sina.com sina.cn sohu.com 139.com 189.cn wo.cn aliyun.com tom.com 21cn.com "
    "gmail.com outlook.com hotmail.com live.com yahoo.com yahoo.cn icloud.com me.com 1688.com taobao.com tmall.com jd.com alibaba.com made-in-china.com hc360.com "
    "weibo.com weixin.qq.com mp.weixin.qq.com baidu.com b2b.baidu.com github.com facebook.com linkedin.com".split()
)
"""Domains of mail providers and market places: no company is recognised by them."""

DOMAIN, PHONE, ADDRESS, OTHER_DOMAIN = 6.0, 6.0, 3.0, -1.0
"""What an equal (or another) domain, number or address adds to the logarithm of the odds that two names mean one company."""


def phones(text: str) -> tuple[str, ...]:
    """Return the numbers in a text as digits without country code, trunk zero and extension: ``0512-5555 1234 转 8`` → 51255551234.

    A number has at least seven digits.
    """
    found = []
    for part in _NUMBERS.findall(_EXTENSION.sub(" ", unicodedata.normalize("NFKC", text))):
        digits = re.sub(r"\D", "", part)
        for code in ("0086", "86"):
            if digits.startswith(code) and len(digits) - len(code) >= 10:
                digits = digits.removeprefix(code)
                break
        digits = digits.lstrip("0")
        if 7 <= len(digits) <= 15:
            found.append(digits)
    return tuple(dict.fromkeys(found))


def domain(text: str) -> str:
    """Return the domain of a web or mail address without ``www``, or an empty text; what is everybody's does not count."""
    found = _HOST.match(unicodedata.normalize("NFKC", text).strip().casefold())
    return found[1] if found and found[1] not in EVERYBODYS else ""


def credit_code(text: str) -> str:
    """Return a unified social credit code (GB 32100-2015) as it is written: eighteen capitals and digits, no spaces."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def is_credit_code(text: str) -> bool:
    """Tell whether a text is a unified social credit code with the right check character."""
    code = credit_code(text)
    if len(code) != 18 or any(char not in _CODE_CHARS for char in code):
        return False
    total = sum(weight * _CODE_CHARS.index(char) for weight, char in zip(_CODE_WEIGHTS, code, strict=False))
    return _CODE_CHARS[-total % 31] == code[-1]


def address(text: str) -> str:
    """Return an address for comparison; an empty text where it says too little to be one place."""
    key = match_key(text)
    return key if len(key) >= 10 else ""


def together(
    likeness: float, *, domains: tuple[str, str], numbers: tuple[str, ...] = (), places: tuple[str, str] = ("", "")
) -> float:
    """Return the likeness of two companies (0 … 1) from that of their names and what else they have in common.

    `domains` and `places` (addresses) are one of each, empty if unknown; `numbers` are those that both have.
    """
    odds = math.log(max(likeness, 1e-9) / max(1 - likeness, 1e-9))
    if domains[0] and domains[1]:
        odds += DOMAIN if domains[0] == domains[1] else OTHER_DOMAIN
    if numbers:
        odds += PHONE
    if places[0] and places[0] == places[1]:
        odds += ADDRESS
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))
