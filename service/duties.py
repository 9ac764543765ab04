"""May this person decide here at all? Separation of duties (不相容岗位分离) over the history of one case."""

from collections.abc import Iterator
from dataclasses import replace

from forms.problem import Problem
from service import seats
from service.dockets import Docket
from service.engine import UserStep
from service.errors import NotAllowed
from service.people import Actor
from service.rules.roles import ADMINISTRATORS, ROLES

#: Conflicts of the person somebody stands in for are theirs, though the sentence speaks to whoever acts.
_OF_PRINCIPAL = "被代理人须回避："
_WROTE = "您填写过本项目的申报材料，不能再审核本项目，请由其他任职人员办理"
_PREPARED = "您参与了这次修改的编制，不能再由您批准，请由其他任职人员办理"
_OWN_UNIT = frozenset({"UNIT_CLERK", "UNIT_LEADER"})


def conflicts(docket: Docket, step: UserStep, person_id: str) -> Iterator[Problem]:
    """What in the history of the case keeps a person from deciding at a step; nothing if nothing does.

    Source:
        SD1 and SD2 (drafter and reviewer are different persons, nobody decides two levels of one case).
    """
    drafting = step.outcome("submit") is not None
    if not drafting and person_id in docket.writers:
        rule = "SD2" if step.role == "UNIT_LEADER" else "SD1"
        yield _problem(rule, _WROTE if docket.case.project_id is not None else _PREPARED)
    for seat in docket.seats.values():
        if seat.state != "done" or seats.part(seat) != "vote" or person_id not in (seat.decided_by, seat.on_behalf_of):
            continue
        visit = docket.visits[seat.visit_id]
        if visit.node_id != step.node_id and visit.node_id in step.distinct_from:
            yield _problem(
                "SD2", f"您已在“{visit.node_name}”环节办理过本项目，同一人不能办理两级，请由其他任职人员办理"
            )
            return


def personal(docket: Docket, step: UserStep, actor: Actor) -> Iterator[Problem]:
    """What in the acting person's own posts speaks against deciding at a step.

    Source:
        SD6 (nobody of the applying unit reviews it for the finance bureau), SD7 and SD8 (administrators decide nothing).
    """
    administrator = [ROLES[role].name for role in ADMINISTRATORS if actor.holds(role)]
    if administrator and step.role not in ADMINISTRATORS:
        yield _problem("SD7", f"您是{'、'.join(administrator)}，不能办理业务事项")
    if step.role in _OWN_UNIT or step.role.startswith("DEPT_"):
        return
    if docket.case.unit_id in actor.organisations(*_OWN_UNIT):
        yield _problem("SD6", "您在申报单位任职，不能代表财政部门审核本单位的项目，请由其他任职人员办理")


def problems(docket: Docket, step: UserStep, actor: Actor, on_behalf_of: str | None = None) -> tuple[Problem, ...]:
    """Everything that keeps the acting person from deciding at a step, each with its rule; () if nothing does.

    Args:
        on_behalf_of: whom the person stands in for; that person's conflicts count as well (SD9).
    """
    own = (*personal(docket, step, actor), *conflicts(docket, step, actor.person_id))
    if on_behalf_of is None:
        return own
    principals = (
        replace(problem, message=_OF_PRINCIPAL + problem.message) for problem in conflicts(docket, step, on_behalf_of)
    )
    return (*own, *principals)


def require(docket: Docket, step: UserStep, actor: Actor, on_behalf_of: str | None = None) -> None:
    """Refuse a person who may not decide at a step, for themselves or for somebody else.

    Raises:
        NotAllowed: with every rule that speaks against it.
    """
    found = problems(docket, step, actor, on_behalf_of)
    if found:
        raise NotAllowed(
            "；".join(problem.message for problem in found) + "。",
            extra={"problems": [problem.to_json() for problem in found]},
        )


def _problem(rule: str, message: str) -> Problem:
    return Problem(field="", message=message, severity="error", source=f"{rule} · 不相容岗位分离", rule=rule)
