"""Does a program see the same inbox as its person?"""

import pytest

from tests import factories
from tests.district import District


@pytest.fixture
def case_id(district: District) -> str:
    started = district.start()["case_id"]
    district.walk(started, "draft", "unit_sign")
    return started


def test_what_waits_is_listed_with_the_counts(call, district, case_id):
    inbox = call("DEPT_REVIEWER").get("/inbox").json

    assert (inbox["tab"], inbox["total"], inbox["counts"]["todo"]) == ("todo", 1, 1)
    (row,) = inbox["rows"]
    assert row["visit_id"] == district.open_visits(case_id)["department_review"].id
    assert (row["holder"], row["read"], row["last_step"]["verb"]) == ("group", "unread", "approve")


def test_every_tab_sort_and_filter_is_answered(call, case_id):
    clerk = call("UNIT_CLERK")
    for tab, total in (("todo", 0), ("done", 1), ("returned", 0), ("initiated", 1), ("drafts", 0)):
        for query in ("", "&sort=-amount", "&sort=unit", "&sort=-title", "&sort=stage", "&sort=arrived"):
            answer = clerk.get(f"/inbox?tab={tab}{query}")
            assert (answer.status_code, answer.json["total"]) == (200, total), (tab, query)
    assert clerk.get("/inbox?tab=initiated&q=培训&stage=dept_review&amount_from=1&due=week").status_code == 200
    assert clerk.get("/inbox?tab=initiated&q=公园").json["total"] == 0


def test_unknown_tabs_and_sorts_are_refused(call):
    refused = call("UNIT_CLERK").get("/inbox?tab=all&sort=-name")

    assert refused.status_code == 422
    assert {problem["field"] for problem in refused.json["problems"]} == {"sort", "tab"}


def test_an_inbox_needs_a_person_with_a_business_post(call, district):
    district.people |= factories.create_administrators(district.session)
    assert call.nobody().get("/inbox").status_code == 401
    assert call("SYS_ADMIN").get("/inbox").json["total"] == 0, "changes of processes alone come to them"
    assert call("SEC_ADMIN").get("/inbox").status_code == 403
