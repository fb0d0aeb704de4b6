"""A table of people says who leads which team and which team hangs below which; no database needed."""

from __future__ import annotations

from xiaoguan.apps.org.importing import Lines, Place


def test_a_team_is_led_by_one_of_its_own_and_hangs_below_his_managers() -> None:
    """The director leads her team, not the regions; offices hang nowhere and sell nothing; a circle hangs nowhere."""
    lines = Lines(
        [
            (Place("Sales", "", ""), "Ava", "sales_director"),
            (Place("North", "Ava", ""), "Ben", "sales_manager"),
            (Place("North", "Ben", ""), "Cara", "sales_engineer"),
            (Place("Books", "Ava", ""), "Finn", "finance"),
            (Place("Far", "Gone", ""), "Hal", "sales_engineer"),
        ]
    )
    assert lines.heads == {"sales": "ava", "north": "ben", "books": "ava", "far": "gone"}
    assert lines.above == {"north": "sales"}
    assert lines.offices == {"books"}
    circle = Lines([(Place("A", "Y", ""), "X", "sales_manager"), (Place("B", "X", ""), "Y", "sales_manager")])
    assert not circle.above
