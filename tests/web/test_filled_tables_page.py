"""Is a self-evaluation table filled in elsewhere checked where it is attached, and taken over only after a yes?"""

import pytest

from service import attachments
from tests import evaluation_district, factories
from tests.rules.filled_tables.sheets import workbook
from tests.rules.filled_tables.tables import wide
from tests.web.page_reading import read, send


@pytest.fixture(scope="module")
def headings():
    return ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"]


@pytest.fixture
def district(session):
    district = evaluation_district.create(session)
    district.figures(executed="34.65")
    return district


def filled(district, headings, *, total="99", over=()):
    """The project's own table as another system would write it, the first indicator one above its target."""
    lines = []
    for number, target in enumerate(district.target["indicators"], 1):
        weight, value = target["weight"], target["target_value"]
        if target["nature"] == "qualitative":
            shown, actual = value, "达成年度指标"
        else:
            sign = {"ge": "≥", "le": "≤", "gt": wide(">"), "lt": wide("<")}.get(target["operator"], "")
            shown, actual = f"{sign}{value}{target.get('measure_unit') or ''}", value
        lines.append(
            ["产出指标", "数量指标", f"指标{number}：{target['level3_name']}", shown, actual, weight, weight, None]
        )
    lines += over
    rows = [
        ["项目支出绩效自评表（2027年度）"],
        ["项目名称", None, district.project.name],
        ["项目资金（万元）", None, None, "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        [None, None, "年度资金总额", 38.5, 34.65, 10, "90%", 9],
        headings,
        *lines,
    ]
    return workbook(("自评表", [*rows, ["总分", None, None, None, None, 100, total, None]], ()))


def attach(district, case, content, name="自评表.xlsx"):
    visit = district.visit(case, "fill")
    clerk = district.actor("UNIT_CLERK")
    kept = attachments.store(district.session, visit.id, actor=clerk, at=district.at, filename=name, content=content)
    district.session.commit()
    return visit.id, kept["id"]


def log_in(client, district, role):
    factories.log_in(client, district.session, district.base.people[role])
    return client


def test_the_unit_sees_the_faults_by_cell_and_takes_the_results_over(client, district, headings):
    case = district.launch()
    stranger = ["产出指标", "数量指标", "没有批复的指标", "≥5个", "5个", 0, 0, None]
    visit, kept = attach(district, case, filled(district, headings, total="98", over=[stranger]))
    log_in(client, district, "UNIT_CLERK")
    address = f"/evaluation/tables/{kept}?visit={visit}"
    assert address.replace("&", "&amp;") in client.get(f"/tasks/{visit}").text
    page = read(client.get(address))
    faults = [[cell.text_content() for cell in row] for row in page.xpath("//table[contains(@class,'findings')]//tr")]
    assert ["G" + str(7 + len(district.target["indicators"])), "错误", "SCORES_NE_TOTAL"] in [own[:3] for own in faults]
    assert "没有批复的指标：批复的绩效目标中没有这个指标" in page.xpath("//ul[@class='obstacles']")[0].text_content()
    version = page.xpath("//input[@name='draft_version']/@value")[0]
    sent = {"visit": visit, "table": "0", "draft_version": version}
    answer = send(client, address, f"/evaluation/tables/{kept}/take", **sent)
    assert answer.location == f"/tasks/{visit}"
    task = read(client.get(answer.location))
    for number, target in enumerate(district.target["indicators"]):
        column = "level" if target["nature"] == "qualitative" else "actual_value"
        (cell,) = task.xpath(f"//*[@name='indicators-{number}-{column}']")
        chosen = cell.xpath(".//option[@selected]/@value") or [cell.get("value")]
        assert chosen == ["达成年度指标" if column == "level" else target["target_value"]]
    again = client.get(address).text
    assert "没有可以填入的内容" in again
    refused = send(client, address, f"/evaluation/tables/{kept}/take", **sent)
    assert refused.status_code == 409


def test_reviewers_see_the_same_faults_but_take_nothing(client, district, headings):
    case = district.launch()
    visit, kept = attach(district, case, filled(district, headings, total="98"))
    district.submit(case)
    reviewer = log_in(client, district, "DEPT_REVIEWER")
    page = reviewer.get(f"/evaluation/tables/{kept}")
    assert "SCORES_NE_TOTAL" in page.text
    assert "确认填入" not in page.text
    assert f"/evaluation/tables/{kept}" in reviewer.get(f"/cases/{case.id}").text
    sent = {"visit": visit, "table": "0", "draft_version": "1"}
    answer = send(reviewer, f"/cases/{case.id}", f"/evaluation/tables/{kept}/take", **sent)
    assert answer.status_code == 403


def test_files_that_hold_no_table_and_odd_requests_are_refused(client, district, headings):
    case = district.launch()
    visit, kept = attach(district, case, workbook(("空", [["随便"]], ())))
    log_in(client, district, "UNIT_CLERK")
    address = f"/evaluation/tables/{kept}?visit={visit}"
    page = client.get(address)
    assert (page.status_code, "没有找到自评表" in page.text) == (422, True)
    assert client.get("/evaluation/tables/nothing").status_code == 404
    other = send(client, address, f"/evaluation/tables/{'0' * 32}/take", visit=visit, table="0", draft_version="0")
    assert other.status_code == 404
    _, paper = attach(district, case, evaluation_district.PDF, "自评表.pdf")
    assert client.get(f"/evaluation/tables/{paper}").status_code == 422
    _, good = attach(district, case, filled(district, headings))
    where = f"/evaluation/tables/{good}/take"
    for odd in ({}, {"table": "七"}, {"table": "7"}, {"draft_version": "-1"}, {"visit": "nothing"}):
        sent = {"visit": visit, "table": "0", "draft_version": "0"} | odd if odd else {}
        assert send(client, address.replace(kept, good), where, **sent).status_code in (400, 404)
