"""Every way through a rectification, and every arrow of its diagram walked at least once."""

from tests.workflows import walking

ISSUED = [("draft_notice", "submit"), ("approve_notice", "approve")]
ANSWERED = [*ISSUED, ("respond", "submit"), ("unit_sign", "approve"), ("department_review", "approve")]
JUDGED = [*ANSWERED, ("fund_review", "approve")]
NOTICE = ["issue_notice"]

WALKS = {
    "waits for the chief": (ISSUED[:1], {}, {"approve_notice"}, []),
    "is issued": (ISSUED, {}, {"respond"}, NOTICE),
    "waits for the department": (ANSWERED[:4], {}, {"department_review"}, NOTICE),
    "waits for the fund section": (ANSWERED, {}, {"fund_review"}, NOTICE),
    "closed": ([*JUDGED, ("final_review", "approve")], {}, "rectification_closed", NOTICE),
    "waits for the bureau leader": ([*JUDGED, ("final_review", "reject")], {}, {"leader_decision"}, NOTICE),
    "escalated": (
        [*JUDGED, ("final_review", "reject"), ("leader_decision", "approve")],
        {},
        "rectification_escalated",
        [*NOTICE, "record_escalation"],
    ),
}


def test_every_path_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("rectification", WALKS)
