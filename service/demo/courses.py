"""What becomes of each declaration in the demo district? Its moves from the first draft to where it stands, as plain data."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from random import Random

from service.demo import assessed, oddities
from service.demo.chance import dice
from service.demo.moves import Move
from service.demo.working_time import DAY, HOUR
from service.demo.year import Declared

#: Working days people usually take: least, most.
_PACE = {
    "start": (0.0, 0.0),
    "ex_ante.start": (0.1, 0.6),
    "ex_ante.draft": (0.5, 3.0),
    "ex_ante.unit_sign": (0.05, 1.0),
    "ex_ante.department_review": (0.2, 2.0),
    "ex_ante.materials_check": (0.1, 1.0),
    "ex_ante.expert_review": (1.5, 5.0),
    "ex_ante.fund_opinion": (0.2, 2.0),
    "ex_ante.performance_conclusion": (0.1, 1.5),
    "ex_ante.leader_decision": (0.1, 1.0),
    "draft": (0.2, 2.5),
    "unit_sign": (0.05, 1.2),
    "department_review": (0.2, 3.0),
    "fund_review": (0.2, 3.0),
    "fund_chief_review": (0.1, 1.5),
    "budget_review": (0.1, 1.5),
    "performance_review": (0.1, 1.5),
    "performance_chief_review": (0.05, 0.8),
    "arbitration": (0.1, 1.2),
}
#: From this amount (万元) on, and for the finance bureau's own projects, the bureau leader decides.
_KEY = Decimal(500)
#: The finance bureau's units.
_OWN = "115"
_REVIEWS = ("department_review", "fund_review", "fund_chief_review", "budget_review", "performance_review")
#: Where a declaration stands: the step that waits.
STANDS = (
    "draft", "unit_sign", "department_review", "fund_review", "fund_chief_review", "joint", "budget_review",
    "performance_review", "performance_chief_review", "arbitration", "returned", "consulting", "rejected",
)  # fmt: skip
#: How many declarations of the running season stand where; two units have not begun, the rest is in the library.
_QUOTA = (
    ("rejected", 1), ("draft", 12), ("unit_sign", 9), ("department_review", 22), ("fund_review", 22),
    ("fund_chief_review", 11), ("joint", 12), ("budget_review", 8), ("performance_review", 8),
    ("performance_chief_review", 7), ("returned", 11), ("consulting", 4),
)  # fmt: skip
_AT_THE_LEADER = 6
#: So many declarations the numbers above are meant for; fewer have their share of each.
_WHOLE = 478
#: Units that have declared nothing yet, and how many projects of others are missing.
_SILENT_UNITS = ("109001",)
_MISSING = 6
LIBRARY = "in_library"
#: The target waits for the department while experts look at its ex-ante assessment.
ASSESSING = "assessing"


def fates(projects: Sequence[Declared]) -> dict[str, str | None]:
    """Where each declaration of the running season stands, by code; None for projects nobody has begun to declare."""
    order = sorted(projects, key=lambda project: dice("order", project.code).random())
    found: dict[str, str | None] = {project.code: None for project in order if project.unit in _SILENT_UNITS}
    found |= {project.code: ASSESSING for project in order if project.ex_ante is None and needs_ex_ante(project)}
    led = [project for project in order if goes_to_leader(project) and project.code not in found]
    found |= {project.code: "arbitration" for project in led[: _share(_AT_THE_LEADER, projects)]}
    free = (project.code for project in order if project.code not in found and not goes_to_leader(project))
    for stand, count in (("missing", _MISSING), *_QUOTA):
        some = islice(free, _share(count, projects))
        found |= dict.fromkeys(some, None if stand == "missing" else stand)
    return {project.code: found.get(project.code, LIBRARY) for project in projects}


def _share(count: int, projects: Sequence[Declared]) -> int:
    return max(1, round(count * len(projects) / _WHOLE))


def needs_ex_ante(project: Declared) -> bool:
    """Whether a new project is large enough (from 200 万元) to need an ex-ante assessment."""
    return project.content["project_attribute"] == "new" and project.amount >= 200


def goes_to_leader(project: Declared) -> bool:
    """Whether the bureau leader has the last word whatever the sections say."""
    return project.amount >= _KEY or project.unit.startswith(_OWN)


def course(project: Declared, stand: str, fiscal_year: int) -> list[Move]:
    """The moves of a declaration up to where it stands; the same for equal arguments."""
    random = dice("course", fiscal_year, project.code)
    moves = [Move("start")]
    if project.ex_ante is not None and needs_ex_ante(project):
        moves += assessed.moves(project)
    way = _forward(project, random)
    if stand == ASSESSING:
        moves += assessed.unfinished(project)
    elif stand in ("returned", "consulting", "rejected"):
        moves += _turned_down(way, stand, random)
    elif stand == LIBRARY:
        moves += _with_detour(way, random)
    else:
        moves += _up_to(_with_detour(way, random) if random.random() < 0.3 else way, stand, random)
    paced = [replace(move, pause=_pause(move.node, random)) for move in moves]
    return oddities.marked(paced, project.code, fiscal_year)


def _forward(project: Declared, random: Random) -> list[Move]:
    """The way without a detour; now and then the sections disagree and the leader decides."""
    disagree = not goes_to_leader(project) and random.random() < 0.01
    budget = Move("budget_review", "reject" if disagree else "approve", "amount" if disagree else "")
    joint = [budget, Move("performance_review", "approve")]
    if random.random() < 0.5:
        joint.reverse()
    steps = ("unit_sign", "department_review", "fund_review", "fund_chief_review")
    way = [Move("draft", "submit"), *(Move(step, "approve") for step in steps)]
    way += [*joint, Move("performance_chief_review", "approve")]
    return [*way, Move("arbitration", "approve")] if disagree or goes_to_leader(project) else way


def _with_detour(way: Sequence[Move], random: Random) -> list[Move]:
    """The way with a return (from the beginning again), a consultation (straight back), both or, mostly, neither."""
    chance, moves = random.random(), list(way)
    if chance < 0.004:
        moves = [
            *_back_from("department_review", "summary", moves),
            *_back_from("fund_review", "goal", moves),
        ] * 2 + moves
    elif chance < 0.14:
        place = random.choice(_REVIEWS)
        index = _place(moves, place)
        defect = random.choice(("goal", "value", "evidence", "summary"))
        moves = [replace(moves[0], defect=defect), *moves[1:index], Move(place, "return", defect), *moves]
    elif chance < 0.22:
        place = random.choice(_REVIEWS[:3])
        index = _place(moves, place)
        defect = random.choice(("summary", "evidence", "value"))
        back = [replace(moves[0], defect=defect), *moves[1:index], Move(place, "consult", defect), moves[0]]
        moves = [*back, *moves[index:]]
    return moves


def _back_from(place: str, defect: str, way: Sequence[Move]) -> list[Move]:
    """One round that ends with a return by a step."""
    index = _place(way, place)
    return [replace(way[0], defect=defect), *way[1:index], Move(place, "return", defect)]


def _turned_down(way: Sequence[Move], stand: str, random: Random) -> Iterator[Move]:
    places = {"returned": _REVIEWS, "consulting": _REVIEWS[:3], "rejected": ("fund_review",)}[stand]
    place = random.choice(places)
    verb = {"returned": "return", "consulting": "consult", "rejected": "reject"}[stand]
    defects = ("duplicate",) if stand == "rejected" else ("goal", "value", "summary", "evidence")
    defect = random.choice(defects[1:] if stand == "consulting" else defects)
    yield replace(way[0], defect=defect)
    yield from way[1 : _place(way, place)]
    yield Move(place, verb, defect)


def _up_to(way: Sequence[Move], stand: str, random: Random) -> list[Move]:
    """The way up to where the declaration waits; at the sections somebody may have claimed it already."""
    if stand in ("joint", "budget_review", "performance_review", "performance_chief_review"):
        return _in_joint_signoff(way, stand, random)
    last = max(index for index, move in enumerate(way) if move.node == stand)
    moves = list(way[:last])
    if stand in ("fund_review", "fund_chief_review") and random.random() < 0.35:
        moves.append(Move(stand, "claim"))
    return moves


def _in_joint_signoff(way: Sequence[Move], stand: str, random: Random) -> list[Move]:
    """At the budget and the performance section: both waiting, or only the one named."""
    opened = max(index for index, move in enumerate(way) if move.node == "fund_chief_review")
    moves = list(way[: opened + 1])
    if stand in ("performance_review", "performance_chief_review"):
        moves.append(Move("budget_review", "approve"))
    if stand in ("budget_review", "performance_chief_review"):
        moves.append(Move("performance_review", "approve"))
    if stand == "budget_review":
        moves.append(Move("performance_chief_review", "approve"))
    if stand in ("joint", "budget_review") and random.random() < 0.4:
        moves.append(Move("budget_review", "claim"))
    return moves


def _place(moves: Sequence[Move], node: str) -> int:
    return next(index for index, move in enumerate(moves) if move.node == node)


def _pause(node: str, random: Random) -> float:
    least, most = _PACE[node]
    return random.triangular(least, most, least + (most - least) / 3) * DAY + random.random() * HOUR / 4
