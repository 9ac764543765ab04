"""Does an inbox stay quick in a big district? The page with 20,000 open and 200,000 finished visits against 200 open."""

from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial

from bench_district import PATH, District, analyze, decide_here, make_district
from bench_harness import Bench, Client, Outcome, Pair
from sqlalchemy import Connection, select, text

from db import server
from db.case import CaseFile, Seat, Visit
from db.connection import database_now, make_engine
from db.event import SearchText
from db.models import Base
from db.project import Project
from service import accounts

FEW, MANY = 200, 20_000
#: Finished visits for each open one; a quick run clones a quarter of both.
FINISHED_EACH = 10
#: The officer whose group has the open visits, and who decided the finished ones.
STEP = "performance_review"
PAGES = ("/", "/?tab=done", "/?sort=-arrived&page=3")
#: Searches in the many and in the few: for one row each, and for a word that stands in four of a hundred cases.
SEARCHES = (("/?q=4537", "/?q=153"), ("/?q=15", "/?q=15"), ("/?tab=done&q=4537", "/?tab=done&q=153"))


def inbox_page(bench: Bench) -> Iterable[Outcome]:
    """The inbox page of a performance officer; the rows beside two real cases are clones of these."""
    small = make_district(bench, "bench_inbox_few")
    cookie = _two_cases(small)
    finished = _multiply(bench, "bench_inbox_few", 1, FEW)
    small.engine.dispose()
    with bench.server.connect() as connection:
        server.make_database(connection, "bench_inbox_many", "bench_inbox_few")
    opened = MANY // 4 if bench.quick else MANY
    finished += _multiply(bench, "bench_inbox_many", FEW, opened)
    for name in ("bench_inbox_few", "bench_inbox_many"):
        analyze(bench, name)
    with ExitStack() as stack:
        few, many = (
            stack.enter_context(bench.served("service.app:create_app()", bench.server.url(database=name)))
            for name in ("bench_inbox_few", "bench_inbox_many")
        )
        alike = ((page, page) for page in (PAGES[:1] if bench.quick else PAGES))
        for page, other in (*alike, *(SEARCHES[:1] if bench.quick else SEARCHES)):
            pair = bench.interleaved(partial(_get, many, page, cookie), partial(_get, few, other, cookie), each=5)
            yield _outcome(page, pair, opened, finished)


def _outcome(page: str, pair: Pair, opened: int, finished: int) -> Outcome:
    many = f"{pair.first * 1000:.1f} ms with {opened:,} open and {finished:,} finished visits (cloned rows)"
    return Outcome(
        name=f"inbox page {page}",
        value=pair.ratio,
        unit="× the page with 200 open",
        budget=2.0,
        noise=pair.noise,
        seconds=pair.first,
        remarks=(f"{many}, {pair.second * 1000:.1f} ms with {FEW} open",),
    )


def _get(client: Client, page: str, cookie: str) -> object:
    return client.get(page, {"Cookie": f"jiheng={cookie}"})


def _two_cases(district: District) -> str:
    """One case waiting at the performance section, one in the library; a log-in of an officer who saw both."""
    done = PATH[: PATH.index(STEP)]
    waiting, finished = district.begin(district.projects[:2])
    with district.session() as session:
        for walk, path in ((waiting, done), (finished, PATH)):
            for node in path:
                decide_here(session, district, walk, node)
        # Both are decided by the officer whose inbox is measured.
        officer = district.company.at_step(STEP, finished.project.unit, finished.project.code)
        opened = accounts.open_session(session, officer.person_id, {}, at=database_now(session))
        session.commit()
    return opened.token


def _multiply(bench: Bench, name: str, first: int, last: int) -> int:
    """Clone the waiting case up to `last` times and the finished one as often as the finished visits need.

    Returns:
        How many finished visits were added.
    """
    engine = make_engine(bench.owner_url(name))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        waiting, finished = (
            connection.execute(select(CaseFile.id).where(condition, ~CaseFile.id.contains("."))).scalar_one()
            for condition in (CaseFile.finished_at.is_(None), CaseFile.finished_at.is_not(None))
        )
        beside = FINISHED_EACH - PATH.index(STEP)
        ends = (first * beside // len(PATH) + 1, last * beside // len(PATH))
        added = sum(_cloned(connection, case, *span) for case, span in ((waiting, (first, last - 1)), (finished, ends)))
    engine.dispose()
    return added


def _cloned(connection: Connection, case_id: str, first: int, last: int) -> int:
    """Clone a case with project, visits, seats and search text, once for each number; its finished visits are counted."""
    given = {"case": case_id, "first": first, "last": last}
    number = "'.' || i"
    earlier = "- make_interval(secs => 30 * i)"
    project = {"id": f"id || {number}", "project_code": f"project_code || {number}", "name": f"name || {number}"}
    case = {
        "id": f"id || {number}",
        "number": f"number || {number}",
        "project_id": f"project_id || {number}",
        "title": f"title || {number}",
        "changed_at": f"changed_at {earlier}",
    }
    member = {"id": f"id || {number}", "case_id": f"case_id || {number}", "visit_id": f"visit_id || {number}"}
    instants = {name: f"{name} {earlier}" for name in ("opened_at", "due_at", "closed_at", "decided_at")}
    of_case = "case_id = :case"
    of_project = "(SELECT project_id FROM case_file WHERE id = :case)"
    _copy(connection, Project, project, f"id = {of_project}", given)
    _copy(connection, CaseFile, case, "id = :case", given)
    _copy(connection, Visit, member | instants, of_case, given)
    _copy(connection, Seat, member | instants, of_case, given)
    pairs = "(SELECT substr(CAST(i AS text), place, 2) FROM generate_series(1, length(CAST(i AS text))) AS place)"
    found = {"project_id": f"project_id || {number}", "bigrams": f"bigrams || ARRAY{pairs}"}
    _copy(connection, SearchText, found, f"project_id = {of_project}", given)
    finished = select(Visit.id).where(Visit.case_id == case_id, Visit.state == "decided")
    return len(connection.execute(finished).all()) * (last - first + 1)


def _copy(connection: Connection, model: type[Base], changed: dict[str, str], where: str, given: dict) -> None:
    columns = [column.name for column in model.__table__.columns]
    values = ", ".join(changed.get(name, name) for name in columns)
    connection.execute(
        text(
            f"INSERT INTO {model.__tablename__} ({', '.join(columns)}) SELECT {values} FROM {model.__tablename__} "
            f"CROSS JOIN generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS number(i) WHERE {where}"
        ),
        given,
    )
