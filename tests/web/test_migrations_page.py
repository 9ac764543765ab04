"""Are running cases moved to another version on pages by two persons, who see beforehand what will happen?"""
# ruff: noqa: F401, F811 - fixtures of other tests are used by name

import re

import pytest

from tests.service.test_dry_run import with_legal
from tests.service.test_publishing import published
from tests.web.page_reading import read, send
from tests.web.test_studio_pages import CHINESE, administrator, as_role, district

PLANS = "/processes/target_declaration/migrations"


@pytest.fixture
def release_id(session, district):
    district.start()
    return published(district, with_legal())["release_id"]


def prepared(client, release_id, **values):
    return send(client, PLANS, PLANS, release=release_id, **{"reason": "法规科审核自本月起执行", **values})


def test_an_administrator_sees_the_effect_and_a_chief_carries_it_out(
    administrator, as_role, district, session, release_id
):
    page = administrator.get(f"{PLANS}?release={release_id}")
    assert "将迁移（1件）" in page.text
    assert re.search(r"不变", page.text)
    answer = prepared(administrator, release_id)
    assert answer.status_code == 303, answer.text
    plan = answer.location
    assert not read(administrator.get(plan)).xpath("//button[@value='confirm']")
    assert send(administrator, plan, plan, decision="confirm").status_code == 403
    done = send(as_role("PERF_CHIEF"), plan, plan, decision="confirm")
    assert done.status_code == 303
    assert "已迁移（1件）" in administrator.get(plan).text
    assert district.case(district.started[0]["case_id"]).release_id == release_id
    back = send(administrator, plan, plan, decision="take_back", reason="法规科暂缓审核")
    assert (back.status_code, back.location != plan) == (303, True)


def test_cases_of_a_step_can_stay(administrator, release_id):
    page = administrator.get(f"{PLANS}?release={release_id}&move.draft=stay")
    assert "没有要迁移的事项" in page.text
    refused = prepared(administrator, release_id, **{"move.draft": "stay"})
    assert (refused.status_code, "没有要迁移的事项" in refused.text) == (422, True)


def test_a_move_to_nowhere_and_a_missing_reason_are_refused_together(administrator, release_id):
    refused = prepared(administrator, release_id, **{"move.draft": "nowhere", "reason": "短"})
    assert refused.status_code == 422
    assert "新版本没有步骤“nowhere”" in refused.text
    assert "请写明迁移的理由" in refused.text


def test_a_plan_can_be_given_up_by_either(as_role, administrator, release_id):
    plan = prepared(administrator, release_id).location
    assert send(as_role("PERF_CHIEF"), plan, plan, decision="drop").status_code == 303
    assert "已取消" in administrator.get(plan).text
    assert send(administrator, plan, plan, decision="drop").status_code == 409


@pytest.mark.parametrize("address", [PLANS, "/processes/migrations/nothing"])
def test_plans_are_for_those_who_prepare_and_approve(as_role, district, address):
    assert as_role("UNIT_CLERK").get(address).status_code == 403


def test_an_unknown_plan_version_or_wish_is_refused(administrator, release_id):
    assert administrator.get("/processes/migrations/nothing").status_code == 404
    assert administrator.get(f"{PLANS}?release=nothing").status_code == 404
    plan = prepared(administrator, release_id).location
    assert send(administrator, plan, plan, decision="").status_code == 400


def test_pages_of_migrations_speak_english(administrator, district, session, release_id):
    plan = prepared(administrator, release_id).location
    district.people["SYS_ADMIN"].locale = "en"
    session.commit()
    for address in (f"{PLANS}?release={release_id}", plan):
        for place in read(administrator.get(address)).xpath(
            "//main//*[self::h2 or self::th or self::label or self::button]"
        ):
            assert not CHINESE.search(place.text_content()), (address, place.text_content())
