"""Who looks at a self-evaluation again, and what do they look at? The draw, the reasons, the scores as checked so far."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile
from db.form import FormRevision
from db.project import Project
from service import releases, revisions
from service.campaign_terms import EVALUATION
from service.rule_sets import SCORING
from service.rules import evaluation as rules
from service.rules.sampling import LEAST_SHARE, Draw, draw
from service.rules.scoring import ScoreRules, read, rule_set
from service.subjects.subject import known

#: The form of reviews and spot checks.
CHECK = "self_evaluation_review"
#: What the row of the execution rate is called among the checked scores.
EXECUTION = "预算执行率"


def scoring(session: Session, campaign: Campaign, release_id: str) -> ScoreRules:
    """The scoring rules of a season, as the version of the process its cases follow holds them."""
    own = releases.bundle(session, release_id).rule_sets.get(SCORING) or {}
    chosen = own.get(campaign.rule_set)
    rules = read(chosen) if chosen else rule_set(campaign.rule_set)
    return rules.with_reverse_mode(campaign.parameters.get("reverse_mode"))


def reasons(
    session: Session, case: CaseFile, campaign: Campaign, project: Project, content: Mapping[str, Any]
) -> list[str]:
    """Why a project is checked again (抽查复核), in sentences; [] if it is not.

    Source:
        P12: sample ≥ 10 %, all 差, all with gap rules.
    """
    found = place(session, campaign, project.project_code)
    why = [f"随机抽中（第{found.rank}位，共{found.of}个抽{found.quota}个）"] if found.drawn else []
    if content.get("grade") == "差":
        why.append("自评等级为差")
    revision = revisions.one(session, case.form_revision_id)
    return why + [f"触发规则{rule}" for rule in rules.gaps((revision.checks if revision else None) or ())]


def place(session: Session, campaign: Campaign, project_code: str) -> Draw:
    """The place of a project in its season's draw: from the season's seed and the codes of all its cases alone."""
    statement = (
        select(Project.project_code)
        .join(CaseFile, CaseFile.project_id == Project.id)
        .where(CaseFile.campaign_id == campaign.id, CaseFile.process_id == EVALUATION)
    )
    codes = frozenset(session.scalars(statement))
    share = Decimal(str(campaign.parameters.get("sample_share") or LEAST_SHARE))
    return draw(str(campaign.parameters.get("sample_seed")), codes, project_code, share)


def checked_scores(session: Session, case: CaseFile) -> Mapping[str, Mapping[str, Any]]:
    """What the newest review since the last submission set otherwise, by item; {} before the first review."""
    since = revisions.one(session, case.form_revision_id)
    newest = select(FormRevision.content).where(FormRevision.case_id == case.id, FormRevision.form_code == CHECK)
    if since is not None:
        newest = newest.where(FormRevision.created_at >= since.created_at)
    content = session.scalar(newest.order_by(FormRevision.created_at.desc(), FormRevision.revision.desc()).limit(1))
    return {
        str(row.get("item")): known(checked_score=row.get("checked_score"), check_reason=row.get("check_reason"))
        for row in (content or {}).get("scores") or ()
    }


def items(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is scored, in the form's order: the execution rate, then each indicator with its points and its reason."""
    yield {"item": EXECUTION} | known(weight=content.get("execution_weight"), self_score=content.get("execution_score"))
    for row in content.get("indicators") or ():
        shown = known(weight=row.get("weight"), self_score=row.get("score"))
        yield {"item": str(row.get("level3_name")), **shown, **known(deviation_reason=row.get("deviation_reason"))}
