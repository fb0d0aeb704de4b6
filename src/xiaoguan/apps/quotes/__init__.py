"""Price books and quotes: what is offered to a customer, at which price, approved and kept version by version.

What follows when a customer accepts is for apps above to say: `accepting.on_accepted.append(func)` with
`func(work, quote)` is called inside the transaction (a contract is drafted, an order is made).
"""
