"""Is the summary report of monitoring drafted, returned, signed and taken away on its page, and by programs?"""

from io import BytesIO

import docx
import pytest

from tests import factories, monitoring_district
from tests.web.page_reading import read, send


@pytest.fixture
def district(session):
    made = monitoring_district.create(session)
    made.red()
    return made


def log_in(client, district, role):
    factories.log_in(client, district.session, district.base.people[role])
    return client


def states(client, district):
    page = read(client.get(f"/monitoring/{district.season.id}/summaries"))
    rows = page.get_element_by_id("summaries").xpath(".//tbody/tr")
    return [row.xpath("./td")[1].text_content() for row in rows]


def decide(client, district, summary_id, **fields):
    page = f"/monitoring/{district.season.id}/summaries"
    return send(client, page, f"{page}/{summary_id}/sign", **fields)


def newest(client, district):
    page = read(client.get(f"/monitoring/{district.season.id}/summaries"))
    return page.get_element_by_id("summaries").xpath(".//tbody/tr[1]//a/@href")[0].split("/")[-1].removesuffix(".docx")


def test_a_report_goes_back_once_and_is_signed(client, district):
    address = f"/monitoring/{district.season.id}/summaries"
    log_in(client, district, "PERF_OFFICER")
    assert f'href="{address}"' in client.get(f"/monitoring/{district.season.id}").text
    assert "还没有汇总报告" in client.get(address).text
    assert send(client, address, address).status_code == 303
    first = newest(client, district)
    assert decide(client, district, first, opinion="同意").status_code == 403
    log_in(client, district, "BUREAU_LEADER")
    answer = decide(client, district, first, opinion="同")
    assert (answer.status_code, "2 至 500 个字" in answer.text) == (422, True)
    assert decide(client, district, first, opinion="请补充红灯原因", send_back="1").status_code == 303
    assert states(client, district) == ["已退回"]
    log_in(client, district, "PERF_OFFICER")
    send(client, address, address)
    assert states(client, district) == ["待签发", "已退回"]
    second = newest(client, district)
    assert decide(log_in(client, district, "BUREAU_LEADER"), district, second, opinion="同意印发").status_code == 303
    assert decide(client, district, second, opinion="同意印发").status_code == 409
    answer = client.get(f"/monitoring/summaries/{second}.docx")
    text = "\n".join(one.text for one in docx.Document(BytesIO(answer.data)).paragraphs)
    assert "签发意见：同意印发" in text
    assert log_in(client, district, "UNIT_CLERK").get(address).status_code == 403
    assert client.get(f"/monitoring/summaries/{second}.docx").status_code == 403


def test_programs_do_the_same(client, district):
    officer, leader = (
        factories.bearer(district.session, district.base.people[role]) for role in ("PERF_OFFICER", "BUREAU_LEADER")
    )
    address = f"/api/v1/monitoring/{district.season.id}/summaries"
    made = client.post(address, headers={**officer, "Idempotency-Key": "draft-1"}).get_json()
    again = client.post(address, headers={**officer, "Idempotency-Key": "draft-1"}).get_json()
    assert made == again
    decision = f"/api/v1/monitoring/summaries/{made['id']}/decision"
    body = {"verb": "sign", "opinion": "同意印发"}
    assert client.post(decision, headers={**officer, "Idempotency-Key": "s"}, json=body).status_code == 403
    signed = client.post(decision, headers={**leader, "Idempotency-Key": "s"}, json=body).get_json()
    (row,) = client.get(address, headers=leader).get_json()
    assert (row["state"], row["sha256"], row["opinion"]) == ("signed", signed["sha256"], "同意印发")
