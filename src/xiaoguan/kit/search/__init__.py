"""Global search, type-ahead and the `?q=` of lists: Chinese, pinyin, initials, Latin and digits."""

from xiaoguan.kit.search.reading import Hit, filter_ids, find
from xiaoguan.kit.search.writing import catching_up, index, rebuild

__all__ = ["Hit", "catching_up", "filter_ids", "find", "index", "rebuild"]
