"""Words for what a plan counts, to the codes of metrics: looked for anywhere in a title, a group or a cell."""

from __future__ import annotations

from xiaoguan.lexicon.companies import match_key

WORDS: tuple[tuple[str, str], ...] = (
    ("win_rate", "赢单率|成交率|成功率|win rate"),
    ("won_count", "赢单数|成交数|签单数|单数|成单数|deals won|won count|number of deals"),
    ("new_customers", "新客户|新增客户|开发客户|新开户|new customers|new customer"),
    ("receipts", "回款|收款|到账|实收|receipts|receipt|collection|cash in"),
    ("contract_amount", "合同额|合同金额|合同|contract amount|contracts"),
    ("won_amount", "签约|签单|销售额|销售|业绩|成交额|成交|任务|won amount|won|sales|revenue|bookings|quota"),
)
"""Codes with their words, the narrower ones first."""

COMPANY = "公司|全公司|本公司|集团|总公司|公司合计|全司|company|whole company|total company"


def metric_of(text: str) -> str:
    """Return the metric a text speaks of, empty when it names none."""
    key = match_key(text)
    return next((code for code, words in WORDS for word in words.split("|") if match_key(word) in key), "")


def is_company(text: str) -> bool:
    """Whether a name in the column of people stands for the company as a whole."""
    return match_key(text) in {match_key(word) for word in COMPANY.split("|")}
