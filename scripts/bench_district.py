"""Whom do the bench's requests come from? The demo district's people, a season that is open now, and its cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bench_harness import Bench, Client
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from db import server
from db.campaign import Campaign
from db.connection import database_now, make_engine, make_sessions
from db.person import Person
from service import accounts, campaigns, declarations, passwords, people, releases, tasks
from service.demo import bodies, staff, words, year
from service.demo.chance import dice
from service.demo.company import Company
from service.demo.year import Declared
from service.people import Actor, day

#: The steps of a case from the draft to the library, in the order the bench decides them.
PATH = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "budget_review",
    "performance_review", "performance_chief_review",
)  # fmt: skip
_TEMPLATE = "bench_people"


@dataclass
class District:
    """A database with the demo district's bodies and people, and a season around today."""

    name: str
    url: str
    engine: Engine
    company: Company
    campaign_id: str
    fiscal_year: int
    at: datetime
    projects: list[Declared]
    _tokens: dict[str, str] = field(default_factory=dict)
    _keys: Iterator[int] = field(default_factory=count)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session as the application's role."""
        with make_sessions(self.engine)() as session:
            yield session

    def token(self, actor: Actor) -> str:
        """A bearer token of a person, made when first asked for."""
        if actor.person_id not in self._tokens:
            with self.session() as session:
                opened = accounts.open_session(
                    session, actor.person_id, {"ip": "127.0.0.1", "agent": "bench"}, api=True, at=database_now(session)
                )
                session.commit()
            self._tokens[actor.person_id] = opened.token
        return self._tokens[actor.person_id]

    def headers(self, actor: Actor) -> dict[str, str]:
        """Headers with which a person changes something."""
        return {"Authorization": f"Bearer {self.token(actor)}", "Idempotency-Key": f"bench-{next(self._keys)}"}

    def begin(self, projects: list[Declared]) -> Iterator["Walk"]:
        """Start the declarations; nothing is submitted yet."""
        with self.session() as session:
            for project in projects:
                answer = declarations.start(
                    session,
                    actor=self.company.at_step("start", project.unit, project.code),
                    campaign_id=self.campaign_id,
                    unit_id=self.company.unit_ids[project.unit],
                    content={"project_name": project.content["project_name"]},
                    at=database_now(session),
                )
                session.commit()
                yield Walk(self, project, answer["case_id"], {"draft": answer["visit_id"]})


@dataclass
class Walk:
    """A case on its way, decided at over HTTP by the people whose steps they are."""

    district: District
    project: Declared
    case_id: str
    visits: dict[str, str]
    seq: int = 1

    def request(self, node: str) -> tuple[str, dict[str, object], dict[str, str]]:
        """Path, body and headers of the approval (or submission) at a step."""
        actor = self.district.company.at_step(node, self.project.unit, self.project.code)
        body: dict[str, object] = {"verb": "submit" if node == "draft" else "approve", "expected_seq": self.seq}
        random = dice("bench", self.project.code, node)
        if node == "draft":
            body["form"] = {"project_target": dict(self.project.content)}
        elif node in ("unit_sign", "arbitration"):
            body["reason"] = words.opinion(node, "approve", "", random)
        else:
            scored = self.project.amount >= 500
            body["form"] = {"target_review": words.review(node, "approve", "", scored=scored, random=random)}
        return f"/api/v1/visits/{self.visits[node]}/commands", body, self.district.headers(actor)

    def note(self, answer: dict[str, object]) -> None:
        """Take down what an answer says about the case."""
        self.seq = answer["seq"]
        for closed in answer["closed"]:
            self.visits.pop(closed["node_id"], None)
        self.visits |= {opened["node_id"]: opened["visit_id"] for opened in answer["opened"]}

    def decide(self, client: Client, node: str) -> dict[str, object]:
        """Decide at a step over HTTP."""
        path, body, headers = self.request(node)
        answer = client.post(path, body, headers)
        self.note(answer)
        return answer


def decide_here(session: Session, district: District, walk: Walk, node: str, verb: str = "approve") -> None:
    """Decide at a step in this process; a return goes to the drafter."""
    _, body, _ = walk.request(node)
    random = dice("bench", walk.project.code, walk.seq)
    if verb == "return":
        scored = walk.project.amount >= 500
        body |= {"verb": verb, "params": {"to": "draft", "resubmit": "replay"}}
        body["form"] = {"target_review": words.review(node, verb, "summary", scored=scored, random=random)}
    answer = tasks.decide(
        session,
        walk.visits[node],
        body.pop("verb"),
        actor=district.company.at_step(node, walk.project.unit, walk.project.code),
        at=database_now(session),
        **body,
    )
    session.commit()
    walk.note(answer)


def make_district(bench: Bench, name: str) -> District:
    """A fresh database with people and an open season, but no projects; copied from one that is made once a run."""
    if _TEMPLATE not in bench.made:
        engine = make_engine(bench.database(_TEMPLATE))
        with make_sessions(engine)() as session:
            populate(session)
            session.commit()
        engine.dispose()
        bench.made.add(_TEMPLATE)
    with bench.server.connect() as connection:
        server.make_database(connection, name, _TEMPLATE)
    return district_of(name, bench.server.url(database=name))


def populate(session: Session) -> None:
    """Give an empty database the demo district's people and a season around today."""
    at = database_now(session)
    releases.install_shipped(session, at=at, effective_from=day(at) - timedelta(days=100))
    ids = bodies.enter(session, at=at)
    since = day(at) - timedelta(days=100)
    secret = passwords.hashed(passwords.start_password())
    staff.enter(session, ids, password_hash=secret, since=since, entered=at, at=at)
    _season(session, Company(session), at)


def district_of(name: str, url: str) -> District:
    """The district in a populated database, and the projects that go the plain way."""
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        season = session.scalars(select(Campaign)).one()
        company, at = Company(session), database_now(session)
    projects = _plain(season.fiscal_year)
    return District(name, url, engine, company, season.id, season.fiscal_year, at, projects)


def person(session: Session, username: str, *, at: datetime) -> Actor:
    """Somebody by the name used to log in."""
    person_id = session.scalars(select(Person.id).where(Person.username == username)).one()
    return people.actor(session, person_id, at=at)


def analyze(bench: Bench, name: str) -> None:
    """Let the planner know what is in the tables, as the server would by itself after a while."""
    engine = make_engine(bench.owner_url(name), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _season(session: Session, company: Company, at: datetime) -> None:
    today, fiscal_year = day(at), day(at).year + 1
    values = {
        "title": f"{fiscal_year}年度项目绩效目标申报",
        "fiscal_year": fiscal_year,
        "indicator_template": year.TEMPLATE,
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=60)).isoformat(),
        "units": [{"unit_id": unit_id} for unit_id in company.unit_ids.values()],
    }
    chief = company.chief_of_performance()
    made = campaigns.create(session, values, actor=chief, at=at)["id"]
    campaigns.open(session, made, actor=chief, at=at)


def _plain(fiscal_year: int) -> list[Declared]:
    """The projects that need neither an ex-ante assessment nor the bureau leader."""
    declared = year.this_year(fiscal_year)
    return [
        project for project in declared if project.ex_ante is None and project.amount < 500 and project.unit != "115001"
    ]
