"""Every way through the monitoring of a project, and every arrow of its diagram walked at least once."""

from tests.workflows import walking

SIGNED = [("fill", "submit"), ("unit_sign", "approve"), ("department_review", "approve")]
CHECKED = [*SIGNED, ("fund_review", "approve")]


def facts(light):
    return {"fill": {"project_light": light}}


WALKS = {
    "green": (CHECKED, facts("green"), "monitoring_closed", []),
    "yellow": (CHECKED, facts("yellow"), "monitoring_closed", []),
    "red": (CHECKED, facts("red"), "rectification_opened", ["open_rectification"]),
    "waits for the leader": (SIGNED[:1], facts("red"), {"unit_sign"}, []),
    "waits for the department": (SIGNED[:2], facts("red"), {"department_review"}, []),
    "waits for the fund section": (SIGNED, facts("red"), {"fund_review"}, []),
}


def test_every_path_ends_where_it_should_and_no_arrow_is_left_out():
    walking.check("performance_monitoring", WALKS)
