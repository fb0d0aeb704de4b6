"""Leads with what was said to them, the questions they are measured by, and the forms they come from."""

from xiaoguan.apps.leads.models.lead import Lead, Origin, Status
from xiaoguan.apps.leads.models.question import Question, QuestionKind
from xiaoguan.apps.leads.models.touch import Touch, TouchKind
from xiaoguan.apps.leads.models.webform import WebForm

__all__ = ["Lead", "Origin", "Question", "QuestionKind", "Status", "Touch", "TouchKind", "WebForm"]
