"""Which processes may be followed today, and do they say who decides what?"""

from datetime import UTC, date, datetime

import pytest

from service import processes, releases
from service.errors import NotFound

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def shipped(session):
    releases.install_shipped(session, at=AT, effective_from=date(2026, 11, 2))
    return session


def test_a_process_tells_its_version_forms_and_steps(shipped):
    known = {process.process_id: process for process in processes.in_force(shipped, at=AT)}
    assert known.keys() == {
        "target_declaration", "performance_monitoring", "rectification", "self_evaluation",
        "library_to_budget", "target_sync", "overall_target", "process_change",
        "ex_ante_assessment", "target_adjustment",
    }  # fmt: skip
    process = known["target_declaration"]
    assert process.version == 1
    assert {form["code"] for form in process.forms} == {"project_target", "target_review"}
    steps = {step.node_id: step for step in process.steps}
    review = steps["department_review"]
    assert (review.role, review.role_name, review.form) == ("DEPT_REVIEWER", "部门审核人", "target_review")
    assert {outcome.verb for outcome in review.outcomes} >= {"approve", "return", "reject"}
    assert steps["draft"].due_days is None
    assert (review.due_days or 0) > 0


def test_the_diagram_is_the_published_document(shipped):
    assert processes.diagram(shipped, "target_declaration", at=AT).startswith(b"<?xml")


def test_a_version_that_is_not_yet_effective_is_not_in_force(shipped):
    before = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)

    assert processes.in_force(shipped, at=before) == []
    with pytest.raises(NotFound):
        processes.diagram(shipped, "target_declaration", at=before)


def test_an_unknown_process_has_no_diagram(shipped):
    with pytest.raises(NotFound):
        processes.diagram(shipped, "nothing", at=AT)
