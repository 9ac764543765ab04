"""Running cases under another version: previewed, confirmed by another person, one event each; the others stay, with the reason."""

import random
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.event import Event
from service import engine, migrations_of_cases, replay
from service.engine import compile_release
from service.errors import NotAllowed, NotFound, Problems, Stale
from service.rehearsal import NotPossible, Rehearsal
from tests import factories
from tests.district import District
from tests.engine.diagrams import END, START, flows, process, user_task
from tests.engine.models import parallel
from tests.service.test_dry_run import with_legal
from tests.service.test_publishing import district, published  # noqa: F401 - a fixture
from tests.service.test_release_diff import SHIPPED

REASON = "法规科审核自本月起执行"


def without_unit_sign():
    text = SHIPPED.replace(
        b'sourceRef="draft" targetRef="unit_sign"', b'sourceRef="draft" targetRef="department_review"'
    )
    start, end = text.index(b'<bpmn:userTask id="unit_sign"'), text.index(b'<bpmn:userTask id="department_review"')
    text = text[:start] + text[end:]
    gone = b'<bpmn:sequenceFlow id="to_department" sourceRef="unit_sign" targetRef="department_review" />'
    return text.replace(gone, b"").replace(b"<bpmn:flowNodeRef>unit_sign</bpmn:flowNodeRef>", b"")


@pytest.fixture
def cases(district: District) -> dict[str, str]:  # noqa: F811
    """One case at the fund section, one at the unit's leader, one back with the drafter."""
    bureau = factories.create_organisation(district.session, kind="justice_bureau")
    factories.create_post(district.session, role="LEGAL", organisation=bureau)
    made = {name: district.start(project_name=f"{name}期项目")["case_id"] for name in ("一", "二", "三")}
    district.walk(made["一"], "draft", "unit_sign", "department_review")
    district.walk(made["二"], "draft")
    district.walk(made["三"], "draft", "unit_sign")
    district.decide(made["三"], "department_review", "return")
    return made


def asked(district: District, release_id: str, **options):  # noqa: F811
    return {"actor": district.actor("SYS_ADMIN"), "at": district.later(), "release_id": release_id, **options}


def newer(district: District, text: bytes) -> str:  # noqa: F811
    return published(district, text)["release_id"]


def test_a_running_case_takes_the_new_step_once_it_is_migrated(session: Session, district: District, cases):  # noqa: F811
    release_id = newer(district, with_legal())
    seen = migrations_of_cases.preview(session, **asked(district, release_id))
    assert (len(seen.moved), seen.refused) == (3, ())
    assert {one.reversible for one in seen.moved} == {True}
    assert district.case(cases["一"]).release_id != release_id
    before = {case_id: district.case(case_id).seq for case_id in cases.values()}
    plan = migrations_of_cases.prepare(session, reason=REASON, **asked(district, release_id))
    done = migrations_of_cases.confirm(session, plan, actor=district.actor("PERF_CHIEF"), at=district.later())
    session.commit()
    assert len(done.moved) == 3
    for case_id, seq in before.items():
        case = district.case(case_id)
        assert (case.release_id, case.seq) == (release_id, seq + 1)
        event = session.get_one(Event, (case_id, case.seq))
        assert (event.kind, event.verb, event.reason) == ("case_migrated", "migrate", REASON)
        assert replay.rerun(session, case_id).mismatch is None
    district.walk(cases["一"], "fund_review")
    assert list(district.open_visits(cases["一"])) == ["legal_review"]
    district.sound(cases["一"])


def test_a_case_at_a_step_that_is_gone_is_refused_unless_it_is_moved(session: Session, district: District, cases):  # noqa: F811
    release_id = _release_without_unit_sign(session, district)
    seen = migrations_of_cases.preview(session, **asked(district, release_id))
    (refused,) = [one for one in seen.refused if one.case_id == cases["二"]]
    assert "“审签申报材料”在新版本中不存在" in refused.reasons[0]
    moves = {"unit_sign": "department_review"}
    seen = migrations_of_cases.preview(session, moves=moves, **asked(district, release_id))
    (moved,) = [one for one in seen.moved if one.case_id == cases["二"]]
    assert moved.after == ("主管部门初审绩效目标（department_review）",)
    plan = migrations_of_cases.prepare(
        session, moves=moves, cases=[cases["二"]], reason=REASON, **asked(district, release_id)
    )
    migrations_of_cases.confirm(session, plan, actor=district.actor("PERF_CHIEF"), at=district.later())
    session.commit()
    assert list(district.open_visits(cases["二"])) == ["department_review"]
    assert district.case(cases["一"]).release_id != release_id
    district.sound(cases["二"])
    district.walk(cases["二"], "department_review", "fund_review")
    district.sound(cases["二"])


def _release_without_unit_sign(session: Session, district: District) -> str:  # noqa: F811
    """Such a version would not pass the lint; here it only has to be one."""
    from db.base import opaque_id
    from db.release import ProcessRelease
    from service import releases

    first = session.scalars(
        select(ProcessRelease).where(ProcessRelease.version == 1, ProcessRelease.process_id == "target_declaration")
    ).one()
    text = without_unit_sign()
    release = releases.compiled("target_declaration", text, releases.definitions(session, first.forms), {})
    row = ProcessRelease(
        id=opaque_id(), process_id="target_declaration", version=2, title=release.title, hash=release.hash, bpmn=text,
        forms=dict(first.forms), legal_basis="", effective_from=first.effective_from, published_at=district.later(),
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row.id


def test_rework_that_leads_to_a_step_that_is_gone_is_refused(session: Session, district: District, cases):  # noqa: F811
    release_id = _release_without_unit_sign(session, district)
    district.walk(cases["三"], "draft")
    district.decide(cases["三"], "unit_sign", "return")
    seen = migrations_of_cases.preview(session, cases=[cases["三"]], **asked(district, release_id))
    assert [one.reasons for one in seen.refused] == [("事项正在修改，修改后须回到“审签申报材料”，新版本没有这个步骤",)]


def test_a_plan_is_confirmed_by_another_person_and_only_once(session: Session, district: District, cases):  # noqa: F811
    release_id = newer(district, with_legal())
    plan = migrations_of_cases.prepare(session, reason=REASON, **asked(district, release_id))
    for role in ("SYS_ADMIN", "UNIT_CLERK"):
        with pytest.raises(NotAllowed):
            migrations_of_cases.confirm(session, plan, actor=district.actor(role), at=district.later())
    migrations_of_cases.confirm(session, plan, actor=district.actor("PERF_CHIEF"), at=district.later())
    with pytest.raises(Stale):
        migrations_of_cases.confirm(session, plan, actor=district.actor("PERF_CHIEF"), at=district.later())
    assert session.scalar(select(func.count()).where(Event.kind == "case_migrated")) == 3
    assert [one.state for one in migrations_of_cases.listed(session, actor=district.actor("SYS_ADMIN"))] == ["done"]


def test_a_plan_that_cannot_be_is_not_written_down(session: Session, district: District, cases):  # noqa: F811
    release_id = newer(district, with_legal())
    with pytest.raises(Problems) as refusal:
        migrations_of_cases.prepare(session, reason="", moves={"draft": "moon"}, **asked(district, release_id))
    assert [one.field for one in refusal.value.problems] == ["moves", "reason"]
    with pytest.raises(NotFound):
        migrations_of_cases.prepare(session, reason=REASON, **asked(district, "nothing"))
    plan = migrations_of_cases.prepare(session, reason=REASON, **asked(district, release_id))
    migrations_of_cases.drop(session, plan, actor=district.actor("PERF_CHIEF"), at=district.later())
    with pytest.raises(Stale):
        migrations_of_cases.confirm(session, plan, actor=district.actor("PERF_CHIEF"), at=district.later())


def test_a_page_opened_before_the_migration_is_told(session: Session, district: District, cases):  # noqa: F811
    seq = district.case(cases["二"]).seq
    plan = migrations_of_cases.prepare(session, reason=REASON, **asked(district, newer(district, with_legal())))
    migrations_of_cases.confirm(session, plan, actor=district.actor("PERF_CHIEF"), at=district.later(minutes=5))
    session.commit()
    with pytest.raises(Stale):
        district.decide(cases["二"], "unit_sign", expected_seq=seq)


class Plan:
    """A small process of steps in a row, some of them side by side, and random changes to it."""

    def __init__(self, rnd: random.Random) -> None:
        self.rnd = rnd
        self.number = 0
        self.blocks: list[list[list[str]]] = []
        for _ in range(rnd.randint(2, 4)):
            self.blocks.append(
                [[self.step() for _ in range(rnd.randint(1, 2))] for _ in range(rnd.choice([1, 1, 2, 3]))]
            )

    def step(self) -> str:
        self.number += 1
        return f"t{self.number}"

    def text(self) -> bytes:
        nodes, arrows, last = START, [], "s"
        for index, branches in enumerate(self.blocks):
            first, after = last, last
            if len(branches) > 1:
                nodes += parallel(f"f{index}", f"j{index}")
                arrows.append((last, f"f{index}"))
                first, after = f"f{index}", f"j{index}"
            for branch in branches:
                nodes += "".join(user_task(name) for name in branch)
                path = [first, *branch, *([after] if len(branches) > 1 else [])]
                arrows += pairwise(path)
                last = after if len(branches) > 1 else branch[-1]
        return process(nodes + END + flows(*arrows, (last, "e")))

    def changed(self) -> "Plan":
        """Another plan with one to three random changes: a step more, a step less, two blocks swapped, a branch more or less."""
        other = Plan.__new__(Plan)
        other.rnd, other.number = self.rnd, self.number + 50
        other.blocks = [[list(branch) for branch in block] for block in self.blocks]
        for _ in range(self.rnd.randint(1, 3)):
            block = self.rnd.choice(other.blocks)
            branch = self.rnd.choice(block)
            kind = self.rnd.randrange(5)
            if kind == 0:
                branch.insert(self.rnd.randint(0, len(branch)), other.step())
            elif kind == 1 and len(branch) > 1:
                branch.remove(self.rnd.choice(branch))
            elif kind == 2:
                self.rnd.shuffle(other.blocks)
            elif kind == 3:
                block.append([other.step()])
            elif len(block) > 1:
                block.remove(branch)
        return other


def finished(run: Rehearsal, rnd: random.Random) -> bool:
    for _ in range(60):
        if run.completed:
            return True
        run.decide(rnd.choice(run.open), "approve")
    return run.completed


@pytest.mark.parametrize("seed", range(150))
def test_every_case_that_is_migrated_finishes_and_every_other_is_refused_with_a_reason(seed: int):
    rnd = random.Random(seed)
    plan = Plan(rnd)
    later = plan.changed()
    old, new = (compile_release({"x.bpmn": one.text()}, "p") for one in (plan, later))
    run = Rehearsal(old)
    for _ in range(rnd.randint(0, 5)):
        if not run.completed:
            run.decide(rnd.choice(run.open), "approve")
    if run.completed:
        return
    moves = {step: rnd.choice(list(new.steps)) for step in run.open if rnd.random() < 0.3}
    refused = ""
    try:
        run.migrate(new, moves)
    except NotPossible as refusal:
        refused = str(refusal)
    assert finished(run, rnd), "what was refused goes on as before"
    assert not refused or any("\u4e00" <= letter <= "\u9fff" for letter in refused)
    again = list(engine.replay(run.commands, [old, new]))
    assert again[-1].digest == run.digest
