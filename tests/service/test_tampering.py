"""Does the administrator of the database get away with anything? Every kind of tampering, on random rows.

Each attempt happens in a transaction of the owner of the tables, who can switch the triggers off, and is rolled back.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from db.connection import database_now
from db.event import Event
from service import history, verification
from service.seals import copies, keys, sealing
from service.verification import Verdict
from tests.district import create_district

TRIALS = 5
FORWARD = ("draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review")


@dataclass
class Scene:
    """Sealed histories, and the database as its administrator has it."""

    owner: Session
    data: Path
    cases: list[str]
    chance: random.Random

    def run(self, statement: str, **values: Any) -> None:
        self.owner.execute(text(statement), values)

    def verdicts(self) -> dict[str, Verdict]:
        self.owner.expire_all()
        return {one.case_id: one for one in verification.verify_all(self.owner, data=self.data)}

    def event(self, least: int = 1, before_last: int = 0) -> Any:
        """A random event with so many before and after it."""
        case_id = self.chance.choice(self.cases)
        events = history.of_case(self.owner, case_id)
        return self.chance.choice(events[least - 1 : len(events) - before_last])


def rehash(scene: Scene, case_id: str, *, seals: bool = False) -> None:
    """Compute the chain anew, as somebody with all rights on the database would, head and leaves included."""
    scene.owner.expire_all()
    before = history.GENESIS
    for event in history.of_case(scene.owner, case_id):
        scene.owner.expunge(event)
        event.prev_hash = before
        before = history.event_hash(event)
        place = {"case": case_id, "seq": event.seq}
        scene.run(
            "UPDATE event SET prev_hash = :before, hash = :hash WHERE case_id = :case AND seq = :seq",
            before=event.prev_hash, hash=before, **place,
        )  # fmt: skip
        if seals:
            scene.run("UPDATE sealed_leaf SET hash = :hash WHERE key = :key", hash=before, key=f"{case_id}:{event.seq}")
    scene.run(
        "UPDATE case_file SET head_hash = :hash, seq = :seq WHERE id = :case", hash=before, seq=event.seq, case=case_id
    )


def edit(scene: Scene) -> tuple[str, int]:
    one = scene.event()
    scene.run("UPDATE event SET reason = '同意（改过）' WHERE case_id = :c AND seq = :s", c=one.case_id, s=one.seq)
    return one.case_id, one.seq


def change_payload(scene: Scene) -> tuple[str, int]:
    one = scene.event()
    changes = json.dumps([*one.changes, {"type": "warning_explained", "rule": "Q01", "field": "", "reason": "无"}])
    scene.run(
        "UPDATE event SET changes = cast(:j AS jsonb) WHERE case_id = :c AND seq = :s",
        j=changes, c=one.case_id, s=one.seq,
    )  # fmt: skip
    return one.case_id, one.seq


def back_date(scene: Scene) -> tuple[str, int]:
    one = scene.event()
    scene.run("UPDATE event SET at = at - interval '1 day' WHERE case_id = :c AND seq = :s", c=one.case_id, s=one.seq)
    return one.case_id, one.seq


def change_actor(scene: Scene) -> tuple[str, int]:
    one = scene.event()
    scene.run("UPDATE event SET actor = 'somebody' WHERE case_id = :c AND seq = :s", c=one.case_id, s=one.seq)
    return one.case_id, one.seq


def edit_and_rehash_one(scene: Scene) -> tuple[str, int]:
    one = scene.event()
    scene.owner.expunge(one)
    one.reason = "改过并重算"
    values = {"r": one.reason, "h": history.event_hash(one), "c": one.case_id, "s": one.seq}
    scene.run("UPDATE event SET reason = :r, hash = :h WHERE case_id = :c AND seq = :s", **values)
    return one.case_id, one.seq


def delete_middle(scene: Scene) -> tuple[str, int]:
    one = scene.event(least=2, before_last=1)
    scene.run("DELETE FROM event WHERE case_id = :c AND seq = :s", c=one.case_id, s=one.seq)
    return one.case_id, one.seq


def delete_middle_and_renumber(scene: Scene) -> tuple[str, int]:
    case_id, seq = delete_middle(scene)
    last = scene.owner.execute(text("SELECT max(seq) FROM event WHERE case_id = :c"), {"c": case_id}).scalar_one()
    for number in range(seq + 1, last + 1):
        scene.run("UPDATE event SET seq = :n - 1 WHERE case_id = :c AND seq = :n", n=number, c=case_id)
    rehash(scene, case_id)
    return case_id, seq


def delete_last(scene: Scene) -> tuple[str, int]:
    one = history.of_case(scene.owner, scene.chance.choice(scene.cases))[-1]
    scene.run("DELETE FROM event WHERE case_id = :c AND seq = :s", c=one.case_id, s=one.seq)
    return one.case_id, one.seq


def delete_last_and_set_back_the_head(scene: Scene) -> tuple[str, int]:
    case_id, seq = delete_last(scene)
    rehash(scene, case_id)
    return case_id, seq


def swap(scene: Scene) -> tuple[str, int]:
    one = scene.event(least=2, before_last=1)
    for wanted, found in ((0, one.seq), (one.seq, one.seq + 1), (one.seq + 1, 0)):
        scene.run("UPDATE event SET seq = :w WHERE case_id = :c AND seq = :f", w=wanted, f=found, c=one.case_id)
    return one.case_id, one.seq


def append_forged(scene: Scene) -> tuple[str, int]:
    case_id = scene.chance.choice(scene.cases)
    last = history.of_case(scene.owner, case_id)[-1]
    scene.owner.expunge(last)
    columns = {name: getattr(last, name) for name in (*history.COVERED, "hash")}
    forged = Event(**{**columns, "seq": last.seq + 1, "prev_hash": last.hash, "reason": "补办", "changes": []})
    forged.hash = history.event_hash(forged)
    scene.owner.add(forged)
    scene.owner.flush()
    return case_id, forged.seq


def append_forged_decision_with_head(scene: Scene) -> tuple[str, int]:
    case_id, seq = append_forged(scene)
    command = json.dumps({"engine": [{"type": "cancel"}]})
    scene.run(
        "UPDATE event SET command = cast(:j AS jsonb) WHERE case_id = :c AND seq = :s", j=command, c=case_id, s=seq
    )
    rehash(scene, case_id)
    return case_id, seq


def delete_case(scene: Scene) -> tuple[str, int]:
    case_id = scene.chance.choice(scene.cases)
    scene.run("DELETE FROM event WHERE case_id = :c", c=case_id)
    scene.run(
        "DELETE FROM indicator WHERE target_version_id IN (SELECT id FROM target_version WHERE case_id = :c)", c=case_id
    )
    for table in ("target_version", "finding", "seat", "form_draft", "form_revision", "draft_writer", "visit"):
        scene.run(f"DELETE FROM {table} WHERE case_id = :c", c=case_id)
    scene.run("DELETE FROM visit_reading WHERE case_id = :c", c=case_id)
    scene.run("DELETE FROM case_file WHERE id = :c", c=case_id)
    return case_id, 1


def recompute_everything(scene: Scene) -> tuple[str, int]:
    case_id, seq = edit(scene)
    rehash(scene, case_id, seals=True)
    return case_id, seq


def recompute_and_sign_with_another_key(scene: Scene) -> tuple[str, int]:
    case_id, seq = recompute_everything(scene)
    resign(scene)
    return case_id, seq


def forget_the_seals(scene: Scene) -> tuple[str, int]:
    case_id, seq = edit(scene)
    rehash(scene, case_id)
    scene.run("DELETE FROM sealed_leaf")
    scene.run("DELETE FROM seal_checkpoint")
    return case_id, seq


def resign(scene: Scene) -> None:
    """Seal all leaves again with a key of one's own."""
    scene.run("DELETE FROM seal_checkpoint")
    scene.owner.expire_all()
    forger = keys.signer(scene.data / "forger")
    sealing.seal(scene.owner, forger, at=database_now(scene.owner) + timedelta(days=1))


def change_command(scene: Scene) -> tuple[str, int]:
    """The whole chain and the seals recomputed: execution and copies both see it."""
    one = scene.event(least=2)
    command = json.dumps({"engine": [{"type": "start", "facts": {"x": 1}}]})
    scene.run(
        "UPDATE event SET command = cast(:j AS jsonb) WHERE case_id = :c AND seq = :s",
        j=command, c=one.case_id, s=one.seq,
    )  # fmt: skip
    rehash(scene, one.case_id, seals=True)
    return one.case_id, one.seq


NAMED: list[Callable[[Scene], tuple[str, int]]] = [
    edit, change_payload, back_date, change_actor, edit_and_rehash_one, delete_middle, delete_middle_and_renumber,
    delete_last, delete_last_and_set_back_the_head, swap, append_forged, append_forged_decision_with_head, delete_case,
    recompute_everything, recompute_and_sign_with_another_key, forget_the_seals, change_command,
]  # fmt: skip


@pytest.fixture
def scene(session: Session, owner_engine: Engine, tmp_path: Path) -> Iterator[Scene]:
    district = create_district(session)
    names = ("道路养护工程", "图书馆设备采购", "技能培训补贴")
    cases = [district.start(project_name=name)["case_id"] for name in names]
    for case_id in cases:
        district.walk(case_id, "draft", "unit_sign")
    district.decide(cases[0], "department_review", "return")
    district.walk(cases[0], *FORWARD, "performance_review", "performance_chief_review")
    district.walk(cases[1], "department_review", "fund_review")
    signer = keys.signer(tmp_path)
    sealing.seal(session, signer, at=database_now(session))
    session.commit()
    copies.export(session, tmp_path, signer, at=database_now(session))
    session.commit()
    with Session(owner_engine) as owner:
        yield Scene(owner, tmp_path, cases, random.Random(20261124))


def _unguarded(scene: Scene) -> None:
    for table in ("event", "sealed_leaf", "seal_checkpoint", "security_event", "process_release", "form_release"):
        scene.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_every_kind_of_rewriting_is_found_and_the_first_changed_event_named(scene: Scene):
    for tamper in NAMED:
        for trial in range(TRIALS):
            _unguarded(scene)
            case_id, seq = tamper(scene)
            found = scene.verdicts()
            verdict = found[case_id]
            assert verdict.label == "不一致", (tamper.__name__, trial)
            assert verdict.first.seq == seq, (tamper.__name__, trial, verdict.faults)
            others = {one.case_id for one in found.values() if one.faults} - {case_id, ""}
            assert not others, (tamper.__name__, trial, others)
            scene.owner.rollback()
            scene.owner.expunge_all()
    for _ in range(TRIALS):
        assert {one.label for one in scene.verdicts().values()} == {"一致"}, "no false alarm"
        scene.owner.rollback()


OTHER_ROWS = {
    "a vote": "UPDATE seat SET vote = 'reject' WHERE id = (SELECT id FROM seat WHERE state = 'done' ORDER BY random() LIMIT 1)",
    "an opinion": "UPDATE seat SET opinion = '改过' WHERE id = (SELECT id FROM seat WHERE state = 'done' ORDER BY random() LIMIT 1)",
    "a holder": "UPDATE seat SET decided_by = (SELECT id FROM person WHERE username = 'auditor') WHERE id = (SELECT id FROM seat WHERE state = 'done' ORDER BY random() LIMIT 1)",
    "a visit": "UPDATE visit SET outcome = 'reject' WHERE id = (SELECT id FROM visit WHERE state = 'decided' ORDER BY random() LIMIT 1)",
    "a stage": "UPDATE case_file SET stage = 'rejected' WHERE id = (SELECT id FROM case_file ORDER BY random() LIMIT 1)",
    "an amount": "UPDATE case_file SET amount = amount + 1 WHERE id = (SELECT id FROM case_file ORDER BY random() LIMIT 1)",
    "a snapshot": "UPDATE case_file SET snapshot = '\\x00' WHERE id = (SELECT id FROM case_file ORDER BY random() LIMIT 1)",
    "a form": "UPDATE form_revision SET content = content || '{\"amount_total\": \"99\"}' WHERE id = (SELECT id FROM form_revision ORDER BY random() LIMIT 1)",
    "a target": "UPDATE target_version SET content = content || '{\"amount_total\": \"99\"}'",
    "an indicator": "UPDATE indicator SET weight = 1 WHERE ctid = (SELECT ctid FROM indicator ORDER BY random() LIMIT 1)",
    "a release": "UPDATE process_release SET bpmn = convert_to(replace(convert_from(bpmn, 'UTF8'), '初审', '终审'), 'UTF8')",
    "a form's definition": "UPDATE form_release SET definition = jsonb_set(definition, '{title}', '\"改过\"')",
    "a log line": "UPDATE security_event SET detail = '{}' WHERE id = (SELECT min(id) FROM security_event)",
    "a deleted log line": "DELETE FROM security_event WHERE id = (SELECT min(id) FROM security_event)",
    "a seal": "UPDATE sealed_leaf SET hash = repeat('0', 64) WHERE leaf = (SELECT leaf FROM sealed_leaf ORDER BY random() LIMIT 1)",
    "a removed seal": "DELETE FROM sealed_leaf WHERE leaf = (SELECT leaf FROM sealed_leaf ORDER BY random() LIMIT 1)",
    "a checkpoint": "UPDATE seal_checkpoint SET note = replace(note, 'at 20', 'at 19')",
}  # fmt: skip


def test_rewriting_any_other_row_is_found(scene: Scene, session: Session):
    from service import security_log

    security_log.write(session, "exported", at=database_now(session), detail={"what": "list"})
    session.flush()
    sealing.seal(session, keys.signer(scene.data), at=database_now(session))
    session.commit()
    for what, statement in OTHER_ROWS.items():
        for trial in range(TRIALS):
            _unguarded(scene)
            scene.run(statement)
            found = scene.verdicts().values()
            assert "不一致" in {one.label for one in found}, (what, trial, [one.faults for one in found])
            scene.owner.rollback()
            scene.owner.expunge_all()


def test_a_checkpoint_signed_by_somebody_else_is_found(scene: Scene):
    _unguarded(scene)
    resign(scene)
    (seals,) = [one for one in scene.verdicts().values() if not one.case_id]
    assert "不是用这个密钥签名" in seals.first.message


def test_the_copies_cannot_be_shortened_or_edited_unseen(scene: Scene):
    (path,) = (scene.data / keys.FOLDER).glob(f"*/{copies.LEAVES}")
    lines = path.read_text("utf-8").splitlines()
    changed = json.loads(lines[3]) | {"hash": "0" * 64}
    path.write_text("\n".join([*lines[:3], json.dumps(changed), *lines[4:]]) + "\n", "utf-8")
    assert "不一致" in {one.label for one in scene.verdicts().values()}
    path.write_text("{\n", "utf-8")
    (seals,) = [one for one in scene.verdicts().values() if not one.case_id]
    assert seals.label == "无法验证"


def test_one_case_is_told_the_same_as_among_all(scene: Scene):
    _unguarded(scene)
    case_id, seq = edit(scene)
    alone = verification.verify(scene.owner, case_id, data=scene.data)
    assert (alone.label, alone.first.seq) == ("不一致", seq)
    other = next(one for one in scene.cases if one != case_id)
    assert verification.verify(scene.owner, other, data=scene.data).label == "一致"
    assert scene.owner.scalars(select(Event.case_id)).first()
