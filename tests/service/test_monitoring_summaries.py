"""Is the summary report of monitoring made of the board's figures, signed by somebody else, and the file that was hashed?"""

import io
from hashlib import sha256

import pytest
from docx import Document
from sqlalchemy import select

from db.event import SecurityEvent
from service import monitoring_board, monitoring_summaries
from service.errors import NotAllowed, NotFound, Problems, Stale
from tests import monitoring_district


@pytest.fixture
def district(session):
    made = monitoring_district.create(session)
    made.red()
    return made


def draft(district):
    made = monitoring_summaries.draft(
        district.session, district.season.id, actor=district.actor("PERF_OFFICER"), at=district.later()
    )
    district.session.commit()
    return made["id"]


def sign(district, summary_id, opinion="同意印发", role="BUREAU_LEADER"):
    made = monitoring_summaries.sign(
        district.session, summary_id, actor=district.actor(role), at=district.later(), opinion=opinion
    )
    district.session.commit()
    return made


def read(district, summary_id):
    name, content = monitoring_summaries.file(
        district.session, summary_id, actor=district.actor("PERF_OFFICER"), at=district.at
    )
    document = Document(io.BytesIO(content))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    return name, content, "\n".join(paragraph.text for paragraph in document.paragraphs), tables


def test_a_report_says_what_the_board_says(district):
    name, _, text, tables = read(district, draft(district))
    board = monitoring_board.board(
        district.session, district.season.id, actor=district.actor("PERF_OFFICER"), at=district.at
    )
    assert name == "2027年1至7月绩效运行监控汇总报告（送审稿）.docx"
    assert "关于2027年1至7月绩效运行监控情况的报告" in text
    assert f"共下达项目{board.sums.total}个，已报送{board.sums.total - board.sums.unreported}个" in text
    assert "红灯1个" in text
    assert "已转整改1件，其中办结0件" in text
    departments, red, *_ = tables
    assert departments[1][:3] == [board.departments[0].name, "1", "1"]
    assert departments[-1][0] == "合计"
    assert red[1][0] == board.projects[0].title
    assert red[1][5].startswith(board.projects[0].rectification["number"])


def test_figures_stay_as_they_were_drafted(district):
    first = draft(district)
    district.figures(executed="20")
    assert read(district, first)[2] == read(district, first)[2]
    second = draft(district)
    rows = monitoring_summaries.of_season(district.session, district.season.id, actor=district.actor("PERF_CHIEF"))
    assert [(row.id, row.version) for row in rows] == [(second, 2), (first, 1)]
    with pytest.raises(Stale):
        sign(district, first)


def test_the_leader_s_signature_is_in_the_file_whose_hash_is_recorded(district):
    made = draft(district)
    signed = sign(district, made)
    name, content, text, _ = read(district, made)
    assert name == "2027年1至7月绩效运行监控汇总报告.docx"
    assert sha256(content).hexdigest() == signed["sha256"]
    leader = district.base.people["BUREAU_LEADER"].name
    assert f"签发：{leader}" in text
    assert "签发意见：同意印发" in text
    assert "送审稿" not in text
    (event,) = district.session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "summary_signed"))
    assert event.detail["sha256"] == signed["sha256"]
    with pytest.raises(Stale):
        sign(district, made)


def test_only_the_leader_signs_and_says_something(district):
    made = draft(district)
    with pytest.raises(NotAllowed):
        sign(district, made, role="PERF_CHIEF")
    with pytest.raises(Problems) as refused:
        sign(district, made, opinion=" ")
    assert [problem.field for problem in refused.value.problems] == ["opinion"]
    with pytest.raises(NotAllowed):
        monitoring_summaries.of_season(district.session, district.season.id, actor=district.actor("UNIT_CLERK"))
    with pytest.raises(NotFound):
        sign(district, "nothing")
    with pytest.raises(NotFound):
        monitoring_summaries.file(district.session, "nothing", actor=district.actor("AUDITOR"), at=district.at)


def test_what_the_leader_sends_back_is_kept_and_drafted_anew(district):
    first, told = draft(district), {"actor": district.actor("BUREAU_LEADER"), "opinion": "请补充红灯项目的原因"}
    monitoring_summaries.send_back(district.session, first, at=district.later(), **told)
    district.session.commit()
    with pytest.raises(Stale):
        sign(district, first)
    second = draft(district)
    sign(district, second)
    rows = monitoring_summaries.of_season(district.session, district.season.id, actor=district.actor("AUDITOR"))
    assert [(row.version, row.state) for row in rows] == [(2, "signed"), (1, "returned")]
    assert "送审稿" in read(district, first)[2]
