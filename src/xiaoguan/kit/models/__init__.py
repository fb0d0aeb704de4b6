"""The kit's own tables."""

from xiaoguan.kit.models.allowance import Taken
from xiaoguan.kit.models.change import Change, ChangeRow, Feed
from xiaoguan.kit.models.collaborator import Collaborator
from xiaoguan.kit.models.credit import Credit
from xiaoguan.kit.models.job import Job, Schedule
from xiaoguan.kit.models.own import OwnField
from xiaoguan.kit.models.search import SearchEntry
from xiaoguan.kit.models.shelf import Shelved
from xiaoguan.kit.models.view import SavedView, ViewTabs

__all__ = [
    "Change",
    "ChangeRow",
    "Collaborator",
    "Credit",
    "Feed",
    "Job",
    "OwnField",
    "SavedView",
    "Schedule",
    "SearchEntry",
    "Shelved",
    "Taken",
    "ViewTabs",
]
