"""The company, its teams and people, and what follows from who is where."""

from xiaoguan.apps.org.models.calendar import CalendarDay
from xiaoguan.apps.org.models.company import Company
from xiaoguan.apps.org.models.currency import Currency, ExchangeRate, InCurrency
from xiaoguan.apps.org.models.invite import Invite
from xiaoguan.apps.org.models.membership import Deputy, Membership
from xiaoguan.apps.org.models.person import Person
from xiaoguan.apps.org.models.reach import Reach, UnitReach
from xiaoguan.apps.org.models.role import Role
from xiaoguan.apps.org.models.signin import Attempts, Session, SignIn, UsedPassword
from xiaoguan.apps.org.models.team import Team

__all__ = [
    "Attempts",
    "CalendarDay",
    "Company",
    "Currency",
    "Deputy",
    "ExchangeRate",
    "InCurrency",
    "Invite",
    "Membership",
    "Person",
    "Reach",
    "Role",
    "Session",
    "SignIn",
    "Team",
    "UnitReach",
    "UsedPassword",
]
