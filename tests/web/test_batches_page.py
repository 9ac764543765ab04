"""Can a reviewer approve what was read in one act, and is everything else named with its reason?"""

import pytest

from service import history
from tests import factories
from tests.service.test_batches import NODE, cases, clean, district, look, visits  # noqa: F401  (fixtures)
from tests.web.page_reading import read, send

INBOX = "/?tab=todo"


@pytest.fixture
def reviewer(client, session, district):  # noqa: F811
    factories.log_in(client, session, district.people["DEPT_REVIEWER"])
    return client


def address(ids):
    return "/batch?" + "&".join(f"visit={one}" for one in ids)


def agree(client, ids, **sent):
    fields = {"listed": ids, "visit": ids, "opinion": "符合要求，同意报送", "grade": "优"}
    return send(client, "/", "/batch", **{**fields, **sent})


def test_every_task_of_the_inbox_can_be_chosen(reviewer, district, cases):  # noqa: F811
    page = read(reviewer.get(INBOX))

    assert set(page.xpath("//tr//input[@name='visit']/@value")) == set(visits(district, cases))
    assert page.get_element_by_id("batch-form").get("action") == "/batch"


def test_the_dialog_names_amounts_and_what_may_not_go_along(reviewer, district, cases):  # noqa: F811
    ids = visits(district, cases)
    look(district, ids[:2])
    page = read(reviewer.get(address(ids)))

    text = page.text_content()
    assert "可以一并同意 2 件" in text
    assert "您还没有打开看过" in text
    boxes = page.xpath("//tbody//input[@name='visit']")
    assert [box.get("disabled") is not None for box in boxes] == [False, False, True]


def test_what_is_ticked_is_approved_and_what_fails_can_be_retried(reviewer, district, cases):  # noqa: F811
    ids = visits(district, cases)
    look(district, ids[:2])
    answer = agree(reviewer, ids[1:], listed=ids)

    assert answer.status_code == 200
    page = read(answer)
    assert "已同意 1 件，未办成 1 件" in page.text_content()
    assert page.xpath("//form[@action='/batch']/input[@name='visit']/@value") == [ids[2]]
    assert [NODE in district.open_visits(case_id) for case_id in cases] == [True, False, True]
    said = history.of_case(district.session, cases[1])[-1].changes[0]
    assert said["type"] == "batch"


def test_without_opinion_and_grade_nothing_is_decided(reviewer, district, cases):  # noqa: F811
    ids = visits(district, cases)
    look(district, ids)
    answer = agree(reviewer, ids, opinion=" ", grade="")

    assert answer.status_code == 422
    assert "“共同意见”须填写" in answer.text
    assert "各项均评为“优”" in answer.text
    assert all(NODE in district.open_visits(case_id) for case_id in cases)


def test_a_clean_batch_leaves_nothing_to_retry(reviewer, district, cases):  # noqa: F811
    ids = visits(district, cases)
    look(district, ids)
    answer = agree(reviewer, ids)

    assert "已同意 3 件，未办成 0 件" in answer.text
    assert "重试" not in answer.text
