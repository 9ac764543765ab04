"""Rule sets are part of a version: hashed with it, compared in sentences, and cases are judged by those of their version."""
# ruff: noqa: F401, F811 - fixtures of other tests are used by name

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import opaque_id
from db.case import CaseFile
from db.release import ProcessRelease
from service import change_review, drafts, publishing, releases, rule_sets
from service.errors import Problems
from service.subjects.target import of_case
from tests.district import District, declaration
from tests.service.test_publishing import approved, begun, district, submitted

STRICTER = {"quality.satisfaction_min": "95"}


def with_rules(district: District, **given: str) -> str:
    """A draft whose rule sets were changed."""
    draft_id = begun(district)
    draft = drafts.one(district.session, draft_id, actor=district.actor("SYS_ADMIN"))
    made, found = rule_sets.changed(draft.rule_sets, given)
    assert found == []
    drafts.save(
        district.session, draft_id, actor=district.actor("SYS_ADMIN"), at=district.later(), version=0, bpmn=draft.bpmn, rule_sets=made
    )  # fmt: skip
    return draft_id


def codes(session: Session, case: CaseFile) -> set[str]:
    found = of_case(session, case).judged(session, declaration(), node="draft")
    return {problem.source.split(" ")[0] for problem in found}


def test_the_first_version_holds_what_comes_with_the_product(session: Session, district: District):
    row = session.scalars(select(ProcessRelease).where(ProcessRelease.process_id == "target_declaration")).one()
    assert row.rule_sets == rule_sets.shipped("target_declaration")
    _, files = publishing.files_of(session, "target_declaration")
    assert {"rules.quality.json", "rules.scoring.json"} <= set(files)
    assert list(rule_sets.problems(row.rule_sets)) == []
    assert rule_sets.shipped("another_process") == {}


def test_a_version_from_before_gets_rule_sets_with_its_next_one_but_comes_back_as_it_was(
    session: Session, district: District
):
    first = session.scalars(select(ProcessRelease).where(ProcessRelease.process_id == "target_declaration")).one()
    release = releases.compiled(first.process_id, first.bpmn, releases.definitions(session, first.forms), {})
    kept = ("process_id", "title", "bpmn", "forms", "legal_basis", "effective_from", "published_at")
    early = ProcessRelease(
        id=opaque_id(), version=2, hash=release.hash, **{name: getattr(first, name) for name in kept}
    )
    session.add(early)
    session.commit()
    shipped, admin = rule_sets.shipped("target_declaration"), district.actor("SYS_ADMIN")
    assert drafts.one(session, begun(district), actor=admin).rule_sets == shipped
    assert drafts.one(session, begun(district, release_id=early.id), actor=admin).rule_sets == {}
    assert list(rule_sets.changes({}, shipped)) == []


def test_cases_are_judged_by_the_rules_of_their_version(session: Session, district: District):
    running = district.case(district.start()["case_id"])
    draft_id = with_rules(district, **STRICTER)
    submitted(district, draft_id)
    made = approved(district, draft_id)
    fresh = district.case(district.start(project_name="生效后的项目")["case_id"])
    assert releases.bundle(session, fresh.release_id).rule_sets["quality"]["satisfaction_min"] == "95"
    assert ("Q13" in codes(session, fresh), "Q13" in codes(session, running)) == (True, False)
    assert made["hash"] != releases.bundle(session, running.release_id).release.hash
    district.campaign.parameters = {"satisfaction_min": "80"}
    session.commit()
    assert "Q13" not in codes(session, fresh), "a season's own parameters go before"


def test_the_change_note_says_which_rule_changed(session: Session, district: District):
    draft_id = with_rules(
        district, **STRICTER, **{"quality.vague_words": "显著、若干", "scoring.LINEAR_2020.grades.good": "85"}
    )
    note = submitted(district, draft_id)["change_note"]
    assert "质量规则 满意度目标下限由“80%”改为“95%”" in note
    assert "质量规则 模糊词增加“若干”" in note
    assert "质量规则 模糊词删去“明显、" in note
    assert "计分规则（财预〔2020〕10号） “良”的起点由“80分”改为“85分”" in note
    compared = change_review.of_draft(session, draft_id, actor=district.actor("PERF_CHIEF"))
    assert {change.kind for change in compared.changes} == {"rule.changed", "rule.words_added", "rule.words_removed"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"quality.satisfaction_min": "很高"}, "quality.satisfaction_min"),
        ({"quality.satisfaction_min": "101"}, "quality.satisfaction_min"),
        ({"quality.weight_total": "NaN"}, "quality.weight_total"),
        ({"quality.vague_words": "很" * 30}, "quality.vague_words"),
        ({"scoring.LINEAR_2020.grades.good": "95"}, "scoring"),
        ({"scoring.LINEAR_2020.completion_floor": "1"}, "scoring"),
        ({"quality.same_value_rows": "4.5"}, "quality.same_value_rows"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(given, field):
    _, found = rule_sets.changed(rule_sets.shipped("target_declaration"), given)
    assert [problem.field for problem in found] == [field]


def test_what_nobody_wrote_stays_as_it_is():
    before = rule_sets.shipped("target_declaration")
    after, found = rule_sets.changed(before, {"quality.weight_total": "", "quality.goal_min_characters": "30"})
    assert found == []
    assert after["quality"].pop("goal_min_characters") == 30
    assert before["quality"].pop("goal_min_characters") == 20
    assert after == before


def test_rule_sets_that_cannot_be_read_are_not_kept(session: Session, district: District):
    draft_id = begun(district)
    draft = drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN"))
    wrong = {**draft.rule_sets, "quality": {**draft.rule_sets["quality"], "weight_max": "10"}, "lights": {}}
    assert [problem.field for problem in rule_sets.problems(wrong)] == ["lights", "quality"]
    with pytest.raises(Problems):
        drafts.save(
            session, draft_id, actor=district.actor("SYS_ADMIN"), at=district.later(), version=0, bpmn=draft.bpmn, rule_sets=wrong
        )  # fmt: skip
