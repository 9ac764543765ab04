"""The self-evaluation report (自评报告) as a Word file: the form's figures and texts in the outline of the document."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from docx.document import Document as Paper
from sqlalchemy.orm import Session

import forms
from db.case import CaseFile
from service import access, case_parts, evaluations, releases, revisions, security_log, word_paper
from service.campaign_terms import EVALUATION
from service.errors import NotFound
from service.people import Actor, day
from service.subjects import evaluation_check

_TEXTS: Sequence[tuple[str, Sequence[str]]] = (
    ("一、项目基本情况", ("report_overview",)),
    ("二、自评工作组织情况", ("report_organisation",)),
)
_AFTER: Sequence[tuple[str, Sequence[str]]] = (
    ("四、总体目标完成情况", ("goal_result",)),
    ("五、绩效分析", ("analysis_economy", "analysis_efficiency", "analysis_effectiveness", "analysis_equity")),
    ("六、存在的问题和原因", ("report_problems",)),
    ("七、改进措施和结果应用建议", ("report_measures",)),
)
_LABELS: Mapping[str, str] = {
    "analysis_economy": "经济性。",
    "analysis_efficiency": "效率性。",
    "analysis_effectiveness": "效益性。",
    "analysis_equity": "公平性。",
}


def export(
    session: Session, case_id: str, *, actor: Actor, at: datetime, client: Mapping[str, Any] | None = None
) -> tuple[str, bytes]:
    """The report of a project's self-evaluation as last submitted; the export is logged.

    Returns:
        Name and content of the file, which people edit further in Word.

    Raises:
        NotFound: there is no such self-evaluation, it is not the actor's to see, or it was never submitted.

    Source:
        P12 自评报告; 财预〔2020〕10号附1, 自评报告提纲.
    """
    case = session.query(CaseFile).filter(CaseFile.id == case_id, access.visible_cases(actor)).one_or_none()
    if case is None or case.process_id != EVALUATION or case.form_revision_id is None:
        raise NotFound("没有这份自评报告：它不属于您可以查看的范围，或还没有提交。")
    kept = revisions.one(session, case.form_revision_id)
    content = kept.content if kept else {}
    found = list(evaluations.findings(content, evaluation_check.checked_scores(session, case)))
    detail = {"what": f"{case.title}自评报告", "case_id": case.id}
    security_log.write(session, "exported", at=at, actor=actor.person_id, detail=detail, client=client)
    definition = releases.bundle(session, case.release_id).definitions["self_evaluation"]
    header = case_parts.header(session, case)
    return f"{case.title}绩效自评报告.docx", write(definition, content, found, str(header["number"]), at=at)


def write(
    definition: forms.FormDefinition,
    content: Mapping[str, Any],
    found: Sequence[evaluations.Finding],
    number: str,
    *,
    at: datetime,
) -> bytes:
    """The file: title, facts, money, scores, analyses, problems and measures. The same content gives the same text."""
    paper = word_paper.begin(f"{content.get('project_name')}绩效自评报告", at)
    word_paper.line(paper, f"（{content.get('fiscal_year')}年度 · {number}）", centred=True)
    for heading, names in _TEXTS:
        _section(paper, heading, content, names)
    word_paper.heading(paper, "三、绩效目标和预算执行完成情况")
    for text in _money(content):
        word_paper.line(paper, text)
    _scores(paper, content, found, _signs(definition))
    for heading, names in _AFTER:
        _section(paper, heading, content, names)
    word_paper.line(paper, f"填报人：{content.get('drafter') or ''}    单位：{content.get('unit_name') or ''}")
    word_paper.line(paper, f"{day(at).year}年{day(at).month}月{day(at).day}日")
    return word_paper.saved(paper)


def _money(content: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"年初预算数{_shown(content, 'initial_budget')}万元，全年预算数{_shown(content, 'annual_budget')}万元"
        f"（其中上年结转{_shown(content, 'carry_over')}万元），全年执行数{_shown(content, 'executed')}万元，"
        f"执行率{_shown(content, 'execution_rate')}%，得{_shown(content, 'execution_score')}分"
        f"（{content.get('execution_worked') or '未计算'}）。"
    )
    yield f"自评总分{_shown(content, 'total_score')}分，等级为“{content.get('grade') or '未定'}”。各项得分如下："


def _signs(definition: forms.FormDefinition) -> dict[str, str]:
    """How the form writes ≥ and its like."""
    table = definition.field("indicators")
    column = table.column("operator") if table else None
    return {choice.value: choice.label for choice in column.choices} if column else {}


def _scores(
    paper: Paper, content: Mapping[str, Any], found: Sequence[evaluations.Finding], signs: Mapping[str, str]
) -> None:
    heads = ("指标", "年度指标值", "实际完成值", "分值", "自评得分", "核定得分", "偏差原因和说明")
    told = []
    rows: list[Mapping[str, Any]] = [{}, *(content.get("indicators") or ())]
    for row, finding in zip(rows, found, strict=False):
        unit = row.get("measure_unit") or ""
        target = f"{_sign(row, signs)}{row.get('target_value', '')}{unit}" if row else ""
        reached = row.get("actual_value") or row.get("level") or ""
        if not row:
            target, reached = f"{_shown(content, 'annual_budget')}万元", f"{_shown(content, 'executed')}万元"
        elif row.get("actual_value"):
            reached = f"{reached}{unit}"
        cells = (finding.name, target, str(reached), finding.weight, finding.self_score, finding.score, finding.why)
        told.append([str(cell) for cell in cells])
    word_paper.table(paper, heads, told, widths=(3.2, 2.4, 2.4, 1.4, 1.6, 1.6, 4.0))


def _sign(row: Mapping[str, Any], signs: Mapping[str, str]) -> str:
    """The sign before a target; a quality in words has none."""
    return "" if row.get("operator") == "qual" else signs.get(str(row.get("operator")), "")


def _section(paper: Paper, heading: str, content: Mapping[str, Any], names: Sequence[str]) -> None:
    word_paper.heading(paper, heading)
    for name in names:
        for text in str(content.get(name) or "（未填写）").splitlines():
            word_paper.line(paper, f"{_LABELS.get(name, '')}{text}")


def _shown(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return "—" if value in (None, "") else str(value)
