"""The tabs above contracts, and what the lists of contracts and of money say while they are empty."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.commerce.models import Contract, Receipt, Refund
from xiaoguan.kit import views
from xiaoguan.kit.pages import emptiness

views.view(Contract, "ending", _("End within 60 days"), "status=active&ends_on=next_60_days&sort=ends_on", position=40)

emptiness.teach(Contract, _("What was signed: with whom, for how much, since when. Receipts are booked on it."))
emptiness.teach(Receipt, _("Money that has arrived, by contract and day. It counts for its seller on that day."))
emptiness.teach(Refund, _("Money that went back to a customer. It is taken off what was received."))
