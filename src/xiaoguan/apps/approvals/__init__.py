"""The approval core: who must agree before something holds, and proof of what was agreed. No business word.

An app above declares a *kind* beside its record type:

    CLAIM = kinds.declare(
        "expense.claim", _("Expense claim"), Expense, icon="receipt",
        measures=(Measure("amount", _("Amount"), "money"),),
        measure=lambda row: {"amount": row.amount},            # integers: fen, 1/100,000 or counts; None: not known
        snapshot=lambda row: {"amount": row.amount, ...},      # JSON; what is approved, frozen with its digest
        show=show,                                             # (snapshot, hidden field names) -> [(label, safe value)]
        settle=settle,                                         # (work, request, row), when the request has ended
        routes=(Seed("all", steps=({"who": "manager", "mode": "any", "days": 2},)),),
    )

and asks in a verb of its own, in the same transaction and change entry:

    @action(Expense, _("Submit"), undoable=False)
    def submit(work, expense, *, note=""):
        request = asking.ask(work, CLAIM, expense, note=note)  # None: no route calls for approval
        expense.status = "waiting" if request else "approved"
        work.save(expense)

Which route applies are rows that administrators edit (`models.Route`): of the active routes of a kind, in their order,
the last one whose measure has reached its limit; none: no approval needed. Steps run one after the other; in a step any
one person or all of them must agree. `settle` finds the outcome in `request.state`: approved, rejected, returned,
withdrawn or outdated (the record changed while it was pending; `watch` names models whose rows belong to the subject).
It writes through the `work` it gets. What is approved stays approved for that snapshot alone: ask
`queries.approval_of(kind, row)`, which is None once the record says something else.

A guard may park a write instead of refusing it: `asking.park(attempt, KIND, row, ...)` raises a refusal whose way out
asks for approval; once that is given the very same write is carried out in the name of who wanted it.

Nobody decides about his own request unless the route says so; stand-ins of today decide for those they stand in for.
"""
