"""Every way through a department's overall target, and every arrow of its diagram walked at least once."""

from tests.workflows import walking

SIGNED = [("draft", "submit"), ("department_sign", "approve")]
JOINT = [*SIGNED, ("fund_chief_review", "approve")]
ADMITTED = ["admit_overall_target"]

WALKS = {
    "waits for the department's head": (SIGNED[:1], {}, {"department_sign"}, []),
    "waits for the fund section": (SIGNED, {}, {"fund_chief_review"}, []),
    "waits for both sections": (JOINT, {}, {"budget_review", "performance_review"}, []),
    "one section alone does not admit": ([*JOINT, ("performance_review", "approve")], {}, {"budget_review"}, []),
    "admitted": (
        [*JOINT, ("budget_review", "approve"), ("performance_review", "approve")],
        {},
        "overall_target_in_library",
        ADMITTED,
    ),
}


def test_every_path_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("overall_target", WALKS)
