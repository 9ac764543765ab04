"""Every way through a change of a process, and every arrow of its diagram walked at least once."""

from tests.workflows import walking

DRAWN = [("edit", "submit"), ("test", "submit")]
TODAY = {"edit": {"effective_from": "2027-08-23"}}
LATER = {"edit": {"effective_from": "2027-09-01"}}

WALKS = {
    "is tried": (DRAWN[:1], TODAY, {"test"}, []),
    "waits for the signature": (DRAWN, TODAY, {"approve"}, []),
    "waits for its day": ([*DRAWN, ("approve", "approve")], LATER, set(), ["publish_release"]),
    "in force at once": (
        [*DRAWN, ("approve", "approve")],
        TODAY,
        "change_in_force",
        ["publish_release", "bring_into_force"],
    ),
}


def test_every_path_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("process_change", WALKS)
