"""Every way through a department's budget and a forced synchronisation, every arrow walked at least once."""

from tests.workflows import walking

FIRST = [("select_projects", "submit"), ("fund_review", "approve")]
CONTROLLED = [*FIRST, ("set_control", "submit")]
DRAFTED = [*CONTROLLED, ("second_submission", "submit"), ("draft_review", "approve")]
APPROVED = [*DRAFTED, ("record_approval", "submit")]
SYNCS = ["open_target_syncs"]
REPLIED = [*SYNCS, "issue_budget_reply"]

WALKS = {
    "waits for the fund section": (FIRST[:1], {}, {"fund_review"}, []),
    "waits for the control number": (FIRST, {}, {"set_control"}, []),
    "waits for the second submission": (CONTROLLED, {}, {"second_submission"}, SYNCS),
    "waits for the congress": (DRAFTED, {}, {"record_approval"}, SYNCS),
    "waits for both replies": (APPROVED, {}, {"budget_reply", "performance_reply"}, SYNCS),
    "budget alone does not reply": ([*APPROVED, ("budget_reply", "approve")], {}, {"performance_reply"}, SYNCS),
    "replied": (
        [*APPROVED, ("budget_reply", "approve"), ("performance_reply", "approve")],
        {},
        "budget_replied",
        REPLIED,
    ),
    "replied the other way round": (
        [*APPROVED, ("performance_reply", "approve"), ("budget_reply", "approve")],
        {},
        "budget_replied",
        REPLIED,
    ),
}
SYNCED = [("draft", "submit"), ("unit_sign", "approve"), ("fund_review", "approve")]
SYNC_WALKS = {
    "waits for the unit's leader": (SYNCED[:1], {}, {"unit_sign"}, []),
    "waits for the fund section": (SYNCED[:2], {}, {"fund_review"}, []),
    "synced": (SYNCED, {}, "target_synced", ["admit_synced_target"]),
}


def test_every_path_of_a_budget_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("library_to_budget", WALKS)


def test_every_path_of_a_synchronisation_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("target_sync", SYNC_WALKS)
