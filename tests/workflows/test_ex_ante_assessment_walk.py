"""Every way through an ex-ante assessment, and every arrow of its diagram walked at least once."""

from tests.workflows import walking

SENT = [("draft", "submit"), ("unit_sign", "approve"), ("department_review", "approve"), ("materials_check", "approve")]
REVIEWED = [*SENT, ("expert_review", "approve")]
JUDGED = [("fund_opinion", "approve"), ("performance_conclusion", "approve")]
DONE = ["record_ex_ante"]


def facts(*, experts=False, leader=False, conclusion="support"):
    return {
        "draft": {"needs_experts": experts, "needs_leader": leader},
        "performance_conclusion": {"conclusion": conclusion},
    }


WALKS = {
    "waits for the unit's leader": (SENT[:1], facts(), {"unit_sign"}, []),
    "waits for the department": (SENT[:2], facts(), {"department_review"}, []),
    "waits for the check of materials": (SENT[:3], facts(), {"materials_check"}, []),
    "a small one needs no experts": (SENT, facts(), {"fund_opinion"}, []),
    "a large one goes to experts": (SENT, facts(experts=True), {"expert_review"}, []),
    "waits for the conclusion": ([*SENT, JUDGED[0]], facts(), {"performance_conclusion"}, []),
    "supported": ([*SENT, *JUDGED], facts(), "assessment_supported", DONE),
    "adjusted": (
        [*SENT, *JUDGED],
        facts(conclusion="support_after_adjustment"),
        "assessment_adjusted",
        DONE,
    ),
    "refused": ([*SENT, *JUDGED], facts(conclusion="not_support"), "assessment_refused", DONE),
    "the largest waits for the leader": (
        [*REVIEWED, *JUDGED],
        facts(experts=True, leader=True),
        {"leader_decision"},
        [],
    ),
    "the leader approves": (
        [*REVIEWED, *JUDGED, ("leader_decision", "approve")],
        facts(experts=True, leader=True),
        "assessment_supported",
        DONE,
    ),
    "the department does not recommend it": (
        [*SENT[:2], ("department_review", "reject")],
        facts(),
        "assessment_refused",
        DONE,
    ),
}


def test_every_path_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("ex_ante_assessment", WALKS)
