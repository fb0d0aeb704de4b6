"""Sentences that only give a direction: words that say «more» and «better», and what is left without them."""

from __future__ import annotations

import re
import unicodedata

_HOLLOW = (
    "尽最大努力|努力|尽力|尽量|争取|力争|加强|提升|提高|改善|优化|推进|促进|做好|做大|做强|做到最好|更上一层楼|更好|更多|更大|再创新高|扩大",
    "do our best|as much as possible|as good as possible|strive|try|improve|increase|better|more|grow|boost|strengthen|"
    "maximi[sz]e|optimi[sz]e|enhance|do well",
)
_FILLERS = (
    "持续|进一步|不断|全面|大力|积极|稳步|显著|明显|增长|业绩|销售额|销售|签约额|签约|回款|收入|目标|任务|指标|完成|达成|实现|团队|工作|我们|公司|"
    "今年|本年|本季|本月|明年|水平|能力|力度|的|了|和|与|并|把|将|在|要|能|会|对|为|我|全",
    "continue|continuously|further|sales|revenue|results?|performance|targets?|goals?|numbers?|team|our|we|us|my|the|a|an|"
    "will|to|and|of|in|for|this|next|year|quarter|month|reach|achieve|meet|should|be|is|are|all",
)
_WORD = re.compile(f"{_HOLLOW[0]}|\\b(?:{_HOLLOW[1]})\\b", re.IGNORECASE)
_REST = re.compile(f"{_FILLERS[0]}|\\b(?:{_FILLERS[1]})\\b", re.IGNORECASE)
_SIGNS = re.compile(r"[\W_]+")
ENOUGH = 4
"""So many signs beside hollow words make a sentence that says something; a letter counts half."""


def hollow_word(text: str) -> str:
    """The word that gives only a direction, where a sentence holds nothing else; empty for one that says something."""
    plain = unicodedata.normalize("NFKC", text)
    found = _WORD.search(plain)
    if found is None:
        return ""
    left = _SIGNS.sub("", _REST.sub(" ", _WORD.sub(" ", plain)))
    weight = sum(1 if ord(sign) > 0x2E7F else 0.5 for sign in left)
    return found[0] if weight < ENOUGH else ""
