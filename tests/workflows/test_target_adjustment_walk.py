"""Every way through the adjustment of a target, and every arrow of its diagram walked at least once."""

from tests.workflows import walking

SENT = [("draft", "submit"), ("unit_sign", "approve")]
FUND = [*SENT, ("department_review", "approve"), ("fund_review", "approve")]
JOINT = [*FUND, ("fund_chief_review", "approve")]
AGREED = [
    *JOINT,
    ("budget_review", "approve"),
    ("performance_review", "approve"),
    ("performance_chief_review", "approve"),
]
EFFECT = ["adjust_target"]


def facts(*, key=False, own=False):
    return {"draft": {"is_key_project": key, "is_finance_own": own}}


WALKS = {
    "waits for the unit's leader": (SENT[:1], facts(), {"unit_sign"}, []),
    "the department refuses": ([*SENT, ("department_review", "reject")], facts(), "adjustment_refused", []),
    "the fund section refuses": ([*FUND[:-1], ("fund_review", "reject")], facts(), "adjustment_refused", []),
    "its chief refuses": ([*FUND, ("fund_chief_review", "reject")], facts(), "adjustment_refused", []),
    "waits for both sections": (JOINT, facts(), {"budget_review", "performance_review"}, []),
    "takes effect": (AGREED, facts(), "adjustment_effective", EFFECT),
    "both sections refuse": (
        [*JOINT, ("budget_review", "reject"), ("performance_review", "reject")],
        facts(),
        "adjustment_refused",
        [],
    ),
    "the sections disagree": (
        [*JOINT, ("budget_review", "approve"), ("performance_review", "reject")],
        facts(),
        {"arbitration"},
        [],
    ),
    "the leader agrees": ([*AGREED, ("arbitration", "approve")], facts(key=True), "adjustment_effective", EFFECT),
    "the leader refuses": ([*AGREED, ("arbitration", "reject")], facts(own=True), "adjustment_refused", []),
}


def test_every_path_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("target_adjustment", WALKS)
