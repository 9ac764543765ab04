"""Can an auditor play a case, see what changed, check it, print it and take the proof away, and change nothing?"""

import csv
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from db.connection import database_now
from db.event import Event, SecurityEvent
from db.form import Attachment, Blob
from service import case_parts
from service.config import Config
from service.seals import copies, keys, sealing, verifier
from tests import factories
from tests.district import District, create_district, declaration
from tests.forms import samples

CHANGED = {"amount_total": "48.50", "amount_fiscal": "48.50", "amount_district": "40"}


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def case_id(session: Session, district: District, config: Config) -> str:
    """Returned twice with another amount the second time, then approved by the fund section."""
    made: str = district.start()["case_id"]
    district.walk(made, "draft", "unit_sign")
    district.decide(made, "department_review", "return")
    district.decide(made, "draft", "submit", form={"project_target": declaration(**CHANGED)})
    district.walk(made, "unit_sign")
    district.decide(made, "department_review", "return")
    district.decide(made, "draft", "submit", form={"project_target": declaration(**CHANGED)})
    district.walk(made, "unit_sign", "department_review")
    signer = keys.signer(config.data)
    sealing.seal(session, signer, at=database_now(session))
    session.commit()
    copies.export(session, config.data, signer, at=database_now(session))
    session.commit()
    return made


@pytest.fixture
def auditor(client: FlaskClient, session: Session, district: District) -> FlaskClient:
    factories.log_in(client, session, district.people["AUDITOR"])
    return client


def read(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[:500]
    return html.fromstring(answer.text)


def test_every_event_has_a_page_of_its_own(auditor: FlaskClient, case_id: str):
    for number in range(1, 11):
        page = read(auditor, f"/cases/{case_id}/replay?event={number}")
        assert page.xpath("string(//nav//strong)") == f"事件 {number}/10"
        assert page.xpath("string(//li[@aria-current='step']//strong)").startswith(f"{number}. ")
    assert read(auditor, f"/cases/{case_id}/replay").xpath("string(//nav//strong)") == "事件 10/10"
    for wrong in ("0", "11", "x", "99999999999"):
        assert auditor.get(f"/cases/{case_id}/replay?event={wrong}").status_code == 404


def test_the_form_is_shown_as_it_was_and_what_changed_is_named(auditor: FlaskClient, case_id: str):
    first = read(auditor, f"/cases/{case_id}/replay?event=2")
    assert "38.50" in first.xpath("string(//*[@id='replay-form'])")
    assert not first.xpath("//*[@id='replay-changes']")
    second = read(auditor, f"/cases/{case_id}/replay?event=5")
    changes = second.xpath("string(//*[@id='replay-changes'])")
    assert "38.5" in changes
    assert "48.5" in changes
    assert "amount_total" in json.loads(second.xpath("string(//*[@id='replay-panes']/@data-changed)"))
    before = read(auditor, f"/cases/{case_id}/replay?event=1")
    assert "还没有提交过" in before.text_content()


def test_the_bar_jumps_to_what_matters(auditor: FlaskClient, case_id: str):
    page = read(auditor, f"/cases/{case_id}/replay?event=2")
    jumps = {link.get("data-step"): link.get("href").rpartition("=")[2] for link in page.xpath("//nav//a[@data-step]")}
    assert (jumps["returns"], jumps["figures"], jumps["next"], jumps["last"]) == ("4", "5", "3", "10")


def test_evidence_and_review_belong_to_the_event(auditor: FlaskClient, case_id: str, session: Session):
    page = read(auditor, f"/cases/{case_id}/replay?event=4").text_content()
    row = session.execute(text("SELECT * FROM event WHERE case_id = :c AND seq = 4"), {"c": case_id}).one()
    for value in (row.hash, row.prev_hash, row.release_hash, row.form_hash, row.data_hash, row.engine_digest):
        assert value in page
    assert "依据不足，请补充说明" in page


def test_frames_tell_tokens_rounds_and_returns_apart(auditor: FlaskClient, case_id: str):
    answer = auditor.get(f"/cases/{case_id}/replay/frames")
    found = answer.json
    assert len(found["frames"]) == 10
    fourth, last = found["frames"][3], found["frames"][-1]
    assert [place["node_id"] for place in fourth["current"]] == ["draft"]
    assert fourth["earlier"] == ["unit_sign"]
    assert fourth["returned"] == ["department_review"]
    assert [place["node_id"] for place in last["current"]] == ["fund_review"]
    assert last["visits"]["department_review"] == 3
    assert 0 < len(found["frames"][0]["walked"]) < len(last["walked"])
    assert set(found["diagrams"]) == {frame["release"] for frame in found["frames"]}


def test_the_check_is_told_in_words_and_names_the_first_bad_event(
    auditor: FlaskClient, case_id: str, owner_engine: Engine
):
    page = read(auditor, f"/cases/{case_id}/verification")
    assert page.xpath("string(//*[@id='verdict']/strong)") == "一致"
    with owner_engine.begin() as owner:
        owner.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        owner.execute(text("UPDATE event SET reason = '改过' WHERE case_id = :c AND seq = 6"), {"c": case_id})
    page = read(auditor, f"/cases/{case_id}/verification")
    assert page.xpath("string(//*[@id='verdict']/strong)") == "不一致"
    assert page.xpath("//td/div/a/@href") == [f"/cases/{case_id}/replay?event=6"]


def test_receipt_and_evidence_are_proofs_and_their_export_is_logged(
    auditor: FlaskClient, case_id: str, session: Session, config: Config
):
    key = keys.signer(config.data).public_key
    receipt = auditor.get(f"/cases/{case_id}/receipts/4")
    verifier.check_receipt(json.loads(receipt.data), key)
    package = auditor.get(f"/cases/{case_id}/evidence")
    with ZipFile(BytesIO(package.data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert list(verifier.check_package(files, key)) == []
    assert "attachment" in package.headers["Content-Disposition"]
    logged = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "exported").order_by(SecurityEvent.id))
    assert [(one.case_id, one.detail["what"]) for one in logged] == [(case_id, "receipt"), (case_id, "evidence")]
    assert auditor.get(f"/cases/{case_id}/receipts/99").status_code == 404


def test_what_an_auditor_reads_is_logged(auditor: FlaskClient, case_id: str, session: Session):
    for address in ("replay?event=3", "verification", "print/approval"):
        read(auditor, f"/cases/{case_id}/{address}")
    logged = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "case_read").order_by(SecurityEvent.id))
    assert [one.detail["what"] for one in logged] == ["replay", "verification", "print"]


def test_the_approval_sheet_names_every_handler_and_round(auditor: FlaskClient, case_id: str):
    sheet = read(auditor, f"/cases/{case_id}/print/approval").xpath("//article")[0].text_content()
    assert sheet.count("初审绩效目标") >= 3
    for word in ("审批单", "编号", "退回", "依据不足，请补充说明", "链头校验值"):
        assert word in sheet


def test_nobody_sees_the_replay_of_foreign_cases_and_only_auditors_take_evidence(
    client: FlaskClient, case_id: str, session: Session, district: District
):
    stranger = factories.create_person(session)
    factories.create_post(session, role="UNIT_CLERK", organisation=factories.create_unit(session), person=stranger)
    factories.log_in(client, session, stranger)
    for address in ("replay", "replay/frames", "verification", "receipts/1", "print/approval"):
        assert client.get(f"/cases/{case_id}/{address}").status_code == 404, address
    factories.log_in(client, session, district.people["UNIT_CLERK"])
    assert client.get(f"/cases/{case_id}/replay").status_code == 200
    assert client.get(f"/cases/{case_id}/evidence").status_code == 403


def test_administrators_cannot_read_what_only_auditors_may(client: FlaskClient, case_id: str, session: Session):
    administrators = factories.create_administrators(session)
    for role, person in administrators.items():
        factories.log_in(client, session, person)
        # Whoever keeps processes reads the cases of their changes, and is told of no others.
        assert client.get(f"/cases/{case_id}/replay").status_code == (404 if role == "SYS_ADMIN" else 403)
        for address in (f"/cases/{case_id}/evidence", "/audit", "/audit/flags/fast"):
            assert client.get(address).status_code == 403, address


def test_english_readers_get_english_words(auditor: FlaskClient, case_id: str, session: Session, district: District):
    district.people["AUDITOR"].locale = "en"
    session.commit()
    page = read(auditor, f"/cases/{case_id}/replay?event=4").text_content()
    for word in ("Replay", "Evidence", "Timeline", "Jump to"):
        assert word in page
    assert Path(verifier.__file__).exists()


def test_the_form_is_as_the_person_saw_it_unless_all_fields_are_asked_for(
    auditor: FlaskClient, case_id: str, monkeypatch: pytest.MonkeyPatch
):
    known = case_parts.definition

    def narrower(session: Session, release_id: str) -> Any:
        return replace(
            known(session, release_id),
            permissions={"department_review": {"annual_goal": "hidden"}, "*": {"*": "read"}},
        )

    monkeypatch.setattr(case_parts, "definition", narrower)
    goal = "合格率达到95%以上"
    address = f"/cases/{case_id}/replay?event="
    by_unit, by_department = (read(auditor, f"{address}{n}").xpath("string(//*[@id='replay-form'])") for n in (3, 4))
    assert goal in by_unit
    assert goal not in by_department
    page = read(auditor, f"{address}4&fields=all")
    assert goal in page.xpath("string(//*[@id='replay-form'])")
    steps = page.xpath("//nav//a[@data-step='next']/@href")
    assert [step.endswith("event=5&fields=all") for step in steps] == [True]


def test_evidence_names_the_files_there_were(auditor: FlaskClient, case_id: str, session: Session, district: District):
    content = "批复".encode()
    digest = sha256(content).hexdigest()
    then = session.scalars(select(Event.at).where(Event.case_id == case_id, Event.seq == 4)).one()
    session.add(Blob(sha256=digest, size=len(content), content=content))
    session.flush()
    session.add(
        Attachment(
            id="file", case_id=case_id, filename="批复.pdf", media_type="application/pdf",
            size=len(content), sha256=digest, uploaded_by=district.id("UNIT_CLERK"), uploaded_at=then,
            removed_at=then + timedelta(seconds=90),
        )
    )  # fmt: skip
    session.commit()
    shown = {n: read(auditor, f"/cases/{case_id}/replay?event={n}").text_content() for n in (3, 4, 5, 6)}
    assert [digest in text for text in shown.values()] == [False, True, True, False]
    assert "后来移除" in shown[4]


def test_the_timeline_is_taken_away_as_a_table_without_formulas(
    auditor: FlaskClient, case_id: str, session: Session, district: District
):
    district.act(case_id, "fund_review", "return", role="FUND_REVIEWER", reason="=1+1 请说明依据",
                 params={"to": "draft", "resubmit": "replay"}, form={"target_review": samples.review(overall_grade="中", opinion="=1+1 请说明依据")})  # fmt: skip
    answer = auditor.get(f"/cases/{case_id}/timeline.csv")
    assert answer.status_code == 200
    lines = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[0][:4] == ["事件", "时间", "轮次", "环节"]
    assert len(lines) == 1 + 11
    assert [line[7] for line in lines[2:5]] == ["提交", "同意", "退回"]
    assert not any(cell.startswith("=") for line in lines for cell in line)
    logged = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "exported")).one()
    assert (logged.case_id, logged.detail["what"]) == (case_id, "timeline")
