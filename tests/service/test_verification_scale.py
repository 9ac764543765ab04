"""Is checking linear in the number of events, and quick enough? Histories are clones of a few true ones, chained anew."""

import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session

from db.connection import database_now
from db.event import Event
from service import verification
from service.seals import copies, keys, sealing
from tests.cloning import clone
from tests.district import District, create_district
from tests.mining.test_mining import TO_LIBRARY

FULL, HASHES = 3_000, 10_000
#: How much dearer an event may be among ten times as many.
LINEAR = 1.25


@pytest.fixture
def cases(session: Session) -> list[str]:
    """One case that went straight, one that was returned and consulted, one that was rejected."""
    district = create_district(session)
    found = [district.start(project_name=f"职业技能培训第{number}期")["case_id"] for number in range(3)]
    straight, detours, rejected = found
    district.walk(straight, *TO_LIBRARY)
    _detours(district, detours)
    district.walk(rejected, "draft", "unit_sign")
    district.decide(rejected, "department_review", "reject")
    return found


def _detours(district: District, case_id: str) -> None:
    district.walk(case_id, "draft", "unit_sign", "department_review")
    district.decide(case_id, "fund_review", "return")
    district.walk(case_id, *TO_LIBRARY[:4])
    district.decide(case_id, "fund_chief_review", "consult")
    district.walk(case_id, "draft", *TO_LIBRARY[4:])


class Measured:
    """Seconds of this process an event, in full and for hashes alone."""

    def __init__(self, session: Session, data: Path, rounds: int) -> None:
        self.statements = 0
        event.listen(session.get_bind(), "before_cursor_execute", self._count)
        self.events = session.scalar(select(func.count()).select_from(Event)) or 0
        session.rollback()
        self.full = min(self._seconds(session, data, hashes=False) for _ in range(rounds)) / self.events
        self.hashes = min(self._seconds(session, data, hashes=True) for _ in range(rounds)) / self.events
        event.remove(session.get_bind(), "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.statements += 1

    def _seconds(self, session: Session, data: Path, *, hashes: bool) -> float:
        self.statements, began = 0, time.process_time()
        found = 0
        for verdict in verification.verify_all(session, data=data, hashes=hashes):
            assert verdict.faults == (), verdict
            found += verdict.events
        spent = time.process_time() - began
        session.rollback()
        assert found == self.events
        return spent

    def told(self) -> str:
        return f"{self.events:>9,} events: in full {1 / self.full:,.0f}/s, hashes {1 / self.hashes:,.0f}/s a core"


def grown(session: Session, owner: Engine, cases: list[str], events: int, data: Path) -> None:
    """Clone until there are about so many events, and seal them."""
    session.rollback()
    session.execute(text("SET statement_timeout = 0"))
    session.commit()
    have = session.scalar(select(func.count()).select_from(Event)) or 0
    session.rollback()
    each = _events_of(session, cases)
    session.rollback()
    clone(owner, cases, max(1, round((events - have) / each)))
    signer = keys.signer(data)
    while sealing.waiting(session):
        sealing.seal(session, signer, at=database_now(session))
        session.commit()
    copies.export(session, data, signer, at=database_now(session))
    session.commit()


def _events_of(session: Session, cases: list[str]) -> int:
    return session.scalar(select(func.count()).select_from(Event).where(Event.case_id.in_(cases))) or 0


def test_clones_are_checked_in_every_layer_and_ten_times_as_many_cost_ten_times_as_much(
    session: Session, owner_engine: Engine, cases: list[str], tmp_path: Path
):
    grown(session, owner_engine, cases, 200, tmp_path)
    few = Measured(session, tmp_path, rounds=3)
    more = [f"{case}.1" for case in cases]
    grown(session, owner_engine, more, 2_000, tmp_path)
    many = Measured(session, tmp_path, rounds=1)
    assert many.events / few.events > 8
    # What is fixed falls with the number; other work on the machine may make any of these dearer.
    assert many.full < few.full * 1.6
    assert many.hashes < few.hashes * 1.6
    assert many.full > many.hashes * 2
    assert many.statements < many.events / 20


def test_a_clone_is_no_less_protected_than_its_original(
    session: Session, owner_engine: Engine, cases: list[str], tmp_path: Path
):
    grown(session, owner_engine, cases, 200, tmp_path)
    with owner_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER USER")
        connection.exec_driver_sql(f"UPDATE event SET reason = '改过' WHERE case_id = '{cases[1]}.2' AND seq = 3")
        connection.exec_driver_sql("ALTER TABLE event ENABLE TRIGGER USER")
    for hashes in (False, True):
        found = [one for one in verification.verify_all(session, data=tmp_path, hashes=hashes) if one.faults]
        session.rollback()
        assert [(one.case_id, one.first.layer, one.first.seq) for one in found if one.first] == [
            (f"{cases[1]}.2", "chain", 3)
        ]


@pytest.mark.long
@pytest.mark.parametrize("sizes", [(10_000, 100_000), (100_000, 1_000_000)], ids=["100k", "1M"])
def test_cost_is_linear_and_the_speed_is_kept(
    session: Session,
    owner_engine: Engine,
    cases: list[str],
    tmp_path: Path,
    sizes: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
):
    found = []
    sources = cases
    for size in sizes:
        grown(session, owner_engine, sources, size, tmp_path)
        sources = [f"{case}.1" for case in sources]
        found.append(Measured(session, tmp_path, rounds=2 if size <= 100_000 else 1))
        with capsys.disabled():
            sys.stdout.write(f"\n{found[-1].told()} (clones)")
    few, many = found
    assert many.full < few.full * LINEAR
    assert many.hashes < few.hashes * LINEAR
    assert 1 / many.full >= FULL
    assert 1 / many.hashes >= HASHES
