"""Pages of approvals and quotes for the grid of rights: who gets 200; everybody else gets 404."""

from __future__ import annotations

APPROVALS: dict[str, tuple[str, str]] = {
    "quote_pages:lines": ("/quotes/987654/lines/", ""),
    "quote_pages:sums": ("/quotes/987654/sums/", "all=405"),
    "quote_pages:versions": ("/quotes/987654/versions/", ""),
    "quote_pages:pdf": ("/quotes/987654/pdf/", ""),
    "quote_pages:settings": ("/settings/quotes/", "director administrator"),
    "approvals:inbox": ("/approvals/", "all"),
    "approvals:bulk": ("/approvals/bulk/", "all=405"),
    "approvals:ask": ("/approvals/ask/", ""),
    "approvals:routes": ("/approvals/routes/", "administrator auditor"),
    "approvals:route_new": ("/approvals/routes/new/none/", ""),
    "approvals:route": ("/approvals/routes/987654/", ""),
    "approvals:request": ("/approvals/987654/", ""),
    "approvals:decide": ("/approvals/987654/decide/", "all=405"),
}

# For programs: the tests of the app walk through them.
PROGRAMS = {
    "approvals_api:list": "apps/approvals/tests/test_approvals.py",
    "approvals_api:one": "apps/approvals/tests/test_approvals.py",
    "approvals_api:decide": "apps/approvals/tests/test_approvals.py",
    "goals_api:days": "apps/goals/tests/test_agreeing.py",
    "goals_api:rounds": "apps/goals/tests/test_agreeing.py",
}
