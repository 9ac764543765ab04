"""Who in the demo district acts at a step? Actors by post, always the same person for one project and step."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.organisation import Organisation
from db.person import Person, Post
from service import people
from service.demo.bodies import SECTIONS
from service.demo.chance import dice
from service.demo.staff import IMPORTER
from service.people import Actor

#: Role and body of each step; bodies of a project by the words ``unit``, ``department``, ``fund``.
_POSTS = {
    "start": ("UNIT_CLERK", "unit"),
    "draft": ("UNIT_CLERK", "unit"),
    "unit_sign": ("UNIT_LEADER", "unit"),
    "department_review": ("DEPT_REVIEWER", "department"),
    "fund_review": ("FUND_REVIEWER", "fund"),
    "fund_chief_review": ("FUND_CHIEF", "fund"),
    "budget_review": ("BUDGET_REVIEWER", SECTIONS["budget"]),
    "performance_review": ("PERF_OFFICER", SECTIONS["performance"]),
    "performance_chief_review": ("PERF_CHIEF", SECTIONS["performance"]),
    "arbitration": ("BUREAU_LEADER", SECTIONS["leaders"]),
    "materials_check": ("FUND_REVIEWER", "fund"),
    "expert_review": ("PERF_OFFICER", SECTIONS["performance"]),
    "fund_opinion": ("FUND_CHIEF", "fund"),
    "performance_conclusion": ("PERF_CHIEF", SECTIONS["performance"]),
    "fill": ("UNIT_CLERK", "unit"),
    "spot_check": ("PERF_OFFICER", SECTIONS["performance"]),
    "finalise": ("PERF_CHIEF", SECTIONS["performance"]),
    "draft_notice": ("PERF_OFFICER", SECTIONS["performance"]),
    "approve_notice": ("PERF_CHIEF", SECTIONS["performance"]),
    "respond": ("UNIT_CLERK", "unit"),
    "final_review": ("PERF_CHIEF", SECTIONS["performance"]),
    "leader_decision": ("BUREAU_LEADER", SECTIONS["leaders"]),
}

#: The same for cases about a whole department.
_BUDGET_POSTS = {
    "select_projects": ("DEPT_REVIEWER", "department"),
    "fund_review": ("FUND_REVIEWER", "fund"),
    "set_control": ("BUDGET_REVIEWER", SECTIONS["budget"]),
    "second_submission": ("DEPT_REVIEWER", "department"),
    "draft_review": ("BUDGET_CHIEF", SECTIONS["budget"]),
    "record_approval": ("BUDGET_REVIEWER", SECTIONS["budget"]),
    "budget_reply": ("BUDGET_CHIEF", SECTIONS["budget"]),
    "performance_reply": ("PERF_CHIEF", SECTIONS["performance"]),
}
_OVERALL_POSTS = {
    "draft": ("DEPT_CLERK", "department"),
    "department_sign": ("DEPT_LEADER", "department"),
    "fund_chief_review": ("FUND_CHIEF", "fund"),
    "budget_review": ("BUDGET_REVIEWER", SECTIONS["budget"]),
    "performance_review": ("PERF_OFFICER", SECTIONS["performance"]),
}


class Company:
    """The district's people as actors, and its units with their bodies; read once, by two statements."""

    def __init__(self, session: Session) -> None:
        held = select(Post, Organisation, Person).join(Person, Person.id == Post.person_id)
        held = held.join(Organisation, Organisation.id == Post.organisation_id).order_by(Person.username)
        self._holders: defaultdict[tuple[str, str], list[Actor]] = defaultdict(list)
        for post, body, person in session.execute(held):
            if person.username != IMPORTER:
                # Nobody in the demo district holds two posts.
                self._holders[post.role, body.code].append(people.assemble(person, [(post, body)]))
        department, section = aliased(Organisation), aliased(Organisation)
        units = (
            select(Organisation.id, Organisation.code, department.code, section.code)
            .join(department, department.id == Organisation.parent_id)
            .join(section, section.id == Organisation.fund_section_id)
        )
        self.unit_ids: dict[str, str] = {}
        self._sections: dict[str, str] = {}
        self._bodies: dict[str, Mapping[str, str]] = {}
        for unit_id, code, its_department, its_section in session.execute(units):
            self.unit_ids[code] = unit_id
            self._sections[its_department] = its_section
            self._bodies[code] = {"unit": code, "department": its_department, "fund": its_section}

    def at_step(self, node: str, unit: str, project: str) -> Actor:
        """Who acts at a step for a project (by code) of a unit (by code)."""
        node = node.removeprefix("ex_ante.")
        role, body = _POSTS[node]
        holders = self._holders[role, self._bodies[unit].get(body, body)]
        return holders[dice("who", node, project).randrange(len(holders))]

    def at_department(self, node: str, department: str, *, overall: bool) -> Actor:
        """Who acts at a step of a department's overall target, or of its budget."""
        role, body = (_OVERALL_POSTS if overall else _BUDGET_POSTS)[node]
        bodies = {"department": department, "fund": self._sections[department]}
        holders = self._holders[role, bodies.get(body, body)]
        return holders[dice("who", node, department).randrange(len(holders))]

    def treasurer(self) -> Actor:
        """Whoever brings the execution figures."""
        return self._holders["TREASURY", SECTIONS["treasury"]][0]

    def chief_of_performance(self) -> Actor:
        """The chief of the performance section, who runs the seasons."""
        return self._holders["PERF_CHIEF", SECTIONS["performance"]][0]

    def administrator(self) -> Actor:
        """The system administrator, who prepares changes of processes."""
        return self._holders["SYS_ADMIN", SECTIONS["centre"]][0]
