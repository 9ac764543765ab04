"""Random people use random verbs on one case: what is offered, what it takes, and what must always hold."""

from dataclasses import dataclass, field
from typing import Any

from db.case import CaseFile, Visit
from service import access, candidates, dockets, exceptional_acts, foresight, inbox, sitting, tasks, verbs
from service.dockets import Docket
from service.errors import Refused
from service.exceptional_acts import Wish
from service.people import Actor
from service.rules.votes import LIVE
from tests.service.random_worlds import REASON

KINDS = ("before", "after", "parallel")


#: Verbs whose panel shows what they would do; a rejection is told by the sheet of the decision itself.
SHOWN = ("return", "consult", "recall", "withdraw_case", "agree_withdrawal")
#: Tabs that hold what a person has to do.
TABS = ("todo", "returned", "drafts")
#: Steps that open and that close without a decision, the round, and whether the case is finished.
Moved = tuple[list[str], list[str], int, bool]


def _moved(answer: dict[str, Any], before: CaseFile) -> Moved:
    """What a command did; one that only asks others moves nothing and says nothing of it."""
    if "opened" not in answer:
        return [], [], before.round, before.finished_at is not None
    closed = sorted(visit["node_id"] for visit in answer["closed"] if visit["state"] == "cancelled")
    return sorted(visit["node_id"] for visit in answer["opened"]), closed, answer["round"], answer["finished"]


@dataclass(frozen=True, order=True)
class Option:
    """A verb at a visit for a person; order and text hold no random ids, so that runs can be repeated."""

    node: str
    opened: int
    role: str
    verb: str
    visit_id: str = field(compare=False)
    listed: dict[str, Any] = field(compare=False, repr=False)


class Case:
    """One case of a district and everybody who may touch it."""

    def __init__(self, world: Any) -> None:
        self.world, self.district = world, world.base
        self.district.session.rollback()
        self.case_id = world.begin()
        self.actors: dict[str, Actor] = {role: self.district.actor(role) for role in sorted(self.district.people)}

    def docket(self) -> Docket:
        """The case as it stands, without a lock."""
        session = self.district.session
        case = session.get_one(CaseFile, self.case_id, populate_existing=True)
        return dockets.read(session, case)

    def options(self, *, allowed: bool) -> list[Option]:
        """What is offered at the open visits and the newest closed ones, open to people or closed to them."""
        docket = self.docket()
        newest = sorted(docket.visits.values(), key=lambda visit: (visit.changed_seq, visit.node_id))[-4:]
        visits = {visit.id: visit for visit in [*newest, *docket.open_visits()]}
        self.district.later(minutes=20)
        # A chief spreads the section's tasks over its people without seeing what they were asked into.
        see = [one for one in self.actors.items() if access.sees(self.district.session, one[1], docket.case)]
        found = [
            Option(visit.node_id, visit.opened_seq, role, listed["verb"], visit.id, listed)
            for visit in visits.values()
            for role, actor in see
            for listed in verbs.of_visit(self.district.session, docket, visit, actor, self.district.at)
            if listed["allowed"] == allowed
        ]
        self.district.session.rollback()
        return sorted(found)

    def use(self, option: Option, pick: Any) -> dict[str, Any]:
        """Use a verb with sound content; ``pick`` chooses among values."""
        docket = self.docket()
        visit = docket.visits[option.visit_id]
        asked = self._asked(docket, visit, option, pick)
        self.district.session.rollback()
        seen = self._foreseen(option, asked) if option.verb in SHOWN else None
        try:
            answer = tasks.decide(
                self.district.session,
                visit.id,
                option.verb,
                actor=self.actors[option.role],
                at=self.district.later(),
                expected_seq=docket.case.seq,
                **asked,
            )
            self.district.session.commit()
            if seen is not None:
                assert seen == _moved(answer, docket.case), f"{option.verb} did something else than its panel said"
            return answer
        except Refused:
            self.district.session.rollback()
            raise

    def _foreseen(self, option: Option, asked: dict[str, Any]) -> Moved | None:
        """What the panel of a verb shows before it is used; None where the page shows that it is refused."""
        session, actor = self.district.session, self.actors[option.role]
        try:
            params, at = asked["params"], self.district.at
            found = foresight.foresee(session, option.visit_id, option.verb, actor=actor, at=at, params=params)
        except Refused:
            return None
        finally:
            session.rollback()
        names = (found["opens"], found["closes"])
        return (*(sorted(step["node_id"] for step in steps) for steps in names), found["round"], found["finished"])

    def exception(self, verb: str, place: str | None) -> bool:
        """Two persons carry out an exceptional act, if it is possible now."""
        session, at = self.district.session, self.district.later()
        try:
            wish = Wish(verb=verb, place=place, reason=REASON)
            asked = exceptional_acts.request(session, self.case_id, wish, actor=self.actors["PERF_CHIEF"], at=at)
            exceptional_acts.confirm(session, asked["act_id"], actor=self.actors["BUREAU_LEADER"], at=at)
            session.commit()
            return True
        except Refused:
            session.rollback()
            return False

    def _asked(self, docket: Docket, visit: Visit, option: Option, pick: Any) -> dict[str, Any]:
        form, params = self.world.sound(docket, visit, option.verb, self.actors[option.role])
        if option.verb == "return":
            params = {"to": pick([target["node_id"] for target in option.listed["targets"]])}
        elif option.verb in ("transfer", "delegate", "add_seat"):
            params = {"person": self._person(docket, visit, option, pick), "kind": pick(KINDS)}
        elif option.verb == "cc":
            params = {"people": [self.actors[pick(sorted(self.actors))].person_id]}
        return {"reason": REASON, "params": params, "form": form}

    def _person(self, docket: Docket, visit: Visit, option: Option, pick: Any) -> str:
        step = docket.step(visit)
        scope = step.transfer_scope if option.verb == "transfer" else step.add_sign
        like = next(seat for seat in docket.seats_of(visit) if seat.state in LIVE)
        rows = candidates.people_for(self.district.session, like, scope=scope, at=self.district.at)
        names = {self.district.people[role].id: role for role in self.actors}
        return pick(sorted({row["person_id"] for row in rows}, key=lambda person_id: names[person_id]))

    def check(self) -> None:
        """What must hold after every command."""
        docket = self.docket()
        self.district.session.rollback()
        case, standing = docket.case, docket.open_visits()
        assert (case.finished_at is None) == bool(standing), "stuck, or open after its end"
        nodes = [visit.node_id for visit in standing]
        assert len(nodes) == len(set(nodes)), "two open visits of one step"
        for visit in docket.visits.values():
            states = [seat.state for seat in docket.seats_of(visit)]
            if visit.state == "open":
                told = [(one.origin, one.state, one.vote, one.reason_code) for one in docket.seats_of(visit)]
                assert "open" in states, f"{visit.node_id}: nobody can act, {told}"
            else:
                assert not set(states) & set(LIVE), f"{visit.node_id}: {visit.state} with {states}"

    def check_inboxes(self) -> None:
        """Everybody finds in their inbox what they may act at, and nothing else of this case."""
        docket = self.docket()
        self.district.session.rollback()
        for role, actor in self.actors.items():
            able = {visit.id for visit in docket.open_visits() if sitting.seat_of(docket, visit, actor)}
            pages = [
                inbox.page(self.district.session, actor=actor, at=self.district.at, tab=tab, size=500) for tab in TABS
            ]
            listed = {row.visit_id for page in pages for row in page.rows if row.case_id == self.case_id}
            assert listed == able, f"{role}: {len(listed)} in the inbox, {len(able)} by the case"
        self.district.session.rollback()

    def finish(self) -> None:
        """Willing people can bring the case to its end from wherever it is."""
        if self.docket().case.suspended_at is not None:
            assert self.exception("resume", None)
        for _ in range(60):
            if self.docket().case.finished_at is not None:
                return
            options = self.options(allowed=True)
            useful = [one for one in options if one.verb in ("submit", "approve", "resolve", "refuse_withdrawal")]
            assert useful, f"nobody can go on: {options}"
            self.use(useful[0], lambda values: values[0])
        raise AssertionError("sixty willing acts do not end the case")
