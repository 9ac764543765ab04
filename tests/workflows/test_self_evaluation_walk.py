"""Every way through the self-evaluation of a project, and every arrow of its diagram walked at least once."""

from tests.workflows import walking

SIGNED = [("fill", "submit"), ("unit_sign", "approve"), ("department_review", "approve")]
REVIEWED = [*SIGNED, ("fund_review", "approve")]
FINAL = ("finalise", "approve")


def facts(sampled, grade, checked=None):
    found = {"fund_review": {"sampled": sampled, "checked_grade": grade}}
    return found | ({"spot_check": {"sampled": sampled, "checked_grade": checked}} if checked else {})


WALKS = {
    "not drawn, good": ([*REVIEWED, FINAL], facts("no", "优"), "evaluation_closed", ["record_evaluation"]),
    "not drawn, poor": (
        [*REVIEWED, FINAL],
        facts("no", "中"),
        "rectification_opened",
        ["record_evaluation", "open_rectification"],
    ),
    "drawn and confirmed": (
        [*REVIEWED, ("spot_check", "approve"), FINAL],
        facts("yes", "良", "良"),
        "evaluation_closed",
        ["record_evaluation"],
    ),
    "drawn and lowered": (
        [*REVIEWED, ("spot_check", "approve"), FINAL],
        facts("yes", "良", "中"),
        "rectification_opened",
        ["record_evaluation", "open_rectification"],
    ),
    "drawn and raised": (
        [*REVIEWED, ("spot_check", "approve"), FINAL],
        facts("yes", "差", "良"),
        "evaluation_closed",
        ["record_evaluation"],
    ),
    "waits for the spot check": (REVIEWED, facts("yes", "差"), {"spot_check"}, []),
    "waits for the chief": (REVIEWED, facts("no", "优"), {"finalise"}, []),
    "waits for the leader of the unit": (SIGNED[:1], {}, {"unit_sign"}, []),
}


def test_every_path_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("self_evaluation", WALKS)
