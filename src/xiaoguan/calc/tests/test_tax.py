"""Laws of tax inside a price: net and tax make the gross, the net is the nearest fen, signs mirror."""

from hypothesis import given, settings, strategies as st

from xiaoguan.calc.money import RATE_ONE
from xiaoguan.calc.tax import split_tax


@settings(max_examples=60)
@given(st.integers(-(10**12), 10**12), st.integers(0, RATE_ONE))
def test_net_and_tax_make_the_gross(gross: int, rate: int) -> None:
    net, tax = split_tax(gross, rate)
    assert net + tax == gross
    assert abs(net * (RATE_ONE + rate) - gross * RATE_ONE) * 2 <= RATE_ONE + rate
    assert split_tax(-gross, rate) == (-net, -tax)


def test_the_usual_rates() -> None:
    assert split_tax(113_00, 13_000) == (100_00, 13_00)
    assert split_tax(100_00, 6_000) == (94_34, 5_66)
    assert split_tax(100_00, 0) == (100_00, 0)
