"""Do the sections of the bench measure what they say?"""

import bench_engine
import bench_replay
from sqlalchemy.orm import Session

from service import engine, history
from tests.district import create_district


def test_the_measured_way_leads_through_the_shipped_process_to_its_end():
    release = bench_engine.target_declaration()
    states = bench_engine._states(release, bench_engine.returned(release, 0))
    assert [len(engine.open_tasks(state, release)) for state in states[:-1]] == [1, 1, 1, 1, 1, 2, 1, 1]
    assert engine.open_tasks(states[-1], release) == ()


def test_a_returned_case_waits_at_its_draft_again():
    release = bench_engine.target_declaration()
    (waiting,) = engine.open_tasks(bench_engine.returned(release, 3), release)
    assert waiting.node_id == "draft"


def test_a_cloned_history_has_a_sound_chain_of_its_own(session: Session):
    district = create_district(session)
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review")
    events = history.of_case(session, case_id)
    cloned = [history.Event(**row) for row in bench_replay._chained(events, "clone")]
    assert {event.case_id for event in cloned} == {"clone"}
    assert history.broken_at(cloned) is None
    assert cloned[-1].hash != events[-1].hash
