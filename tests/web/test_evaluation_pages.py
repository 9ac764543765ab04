"""Do the pages, programs and files of self-evaluation say what the cases say, to those who may read it?"""

from io import BytesIO

import docx
import openpyxl
import pytest

from tests import evaluation_district, factories
from tests.web.page_reading import read, send


@pytest.fixture
def district(session):
    district = evaluation_district.create(session, sample_seed="0123456789abcdef")
    district.figures(executed="34.65")
    return district


@pytest.fixture
def settled(district):
    """A case whose score was lowered by the fund section and confirmed by the spot check."""
    case = district.launch()
    district.submit(case)
    district.reviewed(case, r2="6")
    district.check(case, "spot_check")
    district.decide(case, "finalise")
    return case


def log_in(client, district, role):
    factories.log_in(client, district.session, district.base.people[role])
    return client


def test_the_board_counts_what_the_case_came_to(client, district, settled):
    log_in(client, district, "PERF_CHIEF")
    assert client.get("/evaluation").location.endswith(district.season.id)
    page = read(client.get(f"/evaluation/{district.season.id}"))
    weight = float(district.content(settled)["indicators"][0]["weight"])
    assert page.get_element_by_id("grade-1").text_content() == "1"
    numbers = [cell.text_content() for cell in page.get_element_by_id("departments").xpath(".//tfoot//td")]
    assert numbers[:6] == ["1", "1", "0", "0", "0", "0"]
    assert numbers[-2:] == ["99.00", f"{99 - weight + 6:.2f}"]
    losses = page.get_element_by_id("losses").text_content()
    assert "预算执行率" in losses
    assert district.target["indicators"][0]["level3_name"] in losses
    rows = read(client.get(f"/evaluation/{district.season.id}/projects?grade=sampled")).get_element_by_id("projects")
    assert "随机抽中（第1位，共1个抽1个）" in rows.text_content()


def test_the_draw_can_be_made_again_by_the_auditor_and_is_not_shown_to_the_unit(client, district, settled):
    address = f"/evaluation/{district.season.id}/draw"
    assert "0123456789abcdef" in log_in(client, district, "AUDITOR").get(address).text
    assert log_in(client, district, "UNIT_CLERK").get(address).status_code == 403
    season = log_in(client, district, "PERF_CHIEF").get(f"/campaigns/{district.season.id}")
    assert season.status_code == 200
    assert "0123456789abcdef" not in season.text


def test_programs_read_the_same(client, district, settled):
    headers = factories.bearer(district.session, district.base.people["PERF_CHIEF"])
    address = f"/api/v1/evaluations/{district.season.id}"
    found = client.get(address, headers=headers).get_json()
    assert (found["sums"]["grades"]["优"], found["sums"]["sampled"], found["opened"]) == (1, 1, 1)
    (project,) = client.get(f"{address}/projects?sort=gap", headers=headers).get_json()
    assert (project["self_total"], project["grade"], project["sampled"]) == ("99.00", "优", True)
    drawn = client.get(f"{address}/draw", headers=headers).get_json()
    assert (drawn["seed"], drawn["lines"][0]["recorded"]) == ("0123456789abcdef", True)
    assert client.get(f"{address}/projects?grade=特优", headers=headers).status_code == 422
    assert client.get("/api/v1/evaluations/nothing", headers=headers).status_code == 404


def test_the_board_is_exported_and_the_report_written(client, district, settled):
    log_in(client, district, "PERF_CHIEF")
    answer = client.get(f"/evaluation/{district.season.id}/board.xlsx")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["部门汇总", "项目明细", "失分情况"]
    assert [cell.value for cell in book["项目明细"][3]][2] == district.project.name
    answer = client.get(f"/evaluation/cases/{settled.id}/report.docx")
    paper = docx.Document(BytesIO(answer.data))
    text = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert f"{district.project.name}绩效自评报告" in text
    assert "执行率90%，得9.00分（10×34.65÷38.5=9.00）" in text
    cells = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert cells[0][:3] == ["指标", "年度指标值", "实际完成值"]
    assert cells[1][:6] == ["预算执行率", "38.5万元", "34.65万元", "10", "9.00", "9.00"]
    assert cells[2][5:] == ["6", "佐证不足，核减"]


def test_a_report_nobody_has_submitted_is_not_there(client, district):
    case = district.launch()
    answer = log_in(client, district, "PERF_CHIEF").get(f"/evaluation/cases/{case.id}/report.docx")
    assert answer.status_code == 404
    page = client.get(f"/evaluation/{district.season.id}")
    assert "尚未报齐的单位" in page.text


def test_a_season_is_prepared_on_its_page(client, district):
    officer = log_in(client, district, "PERF_CHIEF")
    page = read(officer.get("/campaigns/new?process=self_evaluation"))
    assert page.get_element_by_id("parameters.sample_share").get("value") == "10"
    year = int(page.get_element_by_id("fiscal_year").get("value"))
    sent = {
        "process_id": "self_evaluation",
        "title": "自评批次甲",
        "fiscal_year": str(year),
        "phase": "main",
        "rule_set": "THRESHOLD_2021",
        "opens_on": page.get_element_by_id("opens_on").get("value"),
        "closes_on": page.get_element_by_id("closes_on").get("value"),
        "parameters.sample_share": "5",
        "parameters.reverse_mode": "ratio",
        "unit": [district.base.bodies["unit"].id],
    }
    refused = send(officer, "/campaigns/new?process=self_evaluation", "/campaigns/new", **sent)
    assert refused.status_code == 422
    assert "“抽查比例”应为 10 至 100 之间的数字" in refused.text
    made = send(
        officer, "/campaigns/new?process=self_evaluation", "/campaigns/new", **sent | {"parameters.sample_share": "20"}
    )
    assert made.status_code == 303
    shown = officer.get(made.location).text
    assert "20%" in shown
    assert "反向指标比值法" in shown
    assert read(officer.get("/evaluation/" + made.location.rsplit("/", 1)[1])).get_element_by_id("progress") is not None
