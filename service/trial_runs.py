"""What would a drafted process do, decision by decision? Played by hand on the drawing and kept as scenarios of the draft."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.studio import ProcessDraft
from service import change_review, draft_check, drafts, labels, releases, routing, simulation
from service.engine import Release
from service.engine.conditions import telling_values
from service.engine.outline import read_outline
from service.engine.release import CASE
from service.errors import BadRequest, NotFound
from service.form_facts import fact_titles
from service.people import Actor
from service.rehearsal import BACKWARD, NotPossible, Rehearsal, back_targets
from service.release_words import organisation_words, step_title
from service.scenarios import MOST, WAIT, Decision, Scenario, read_decisions, read_facts


def played(session: Session, draft_id: str, *, actor: Actor, facts: Any, decisions: Any) -> dict[str, Any]:
    """Where a case would stand after these decisions, and how it came there; nothing is written.

    Args:
        facts: what the case begins with; ``decisions`` as `Scenario` keeps them. Both as a page or a program sent them.

    Returns:
        moments: the beginning and every decision, each with step, title, verb, words, the arrows tokens went along
        (from, to) and the steps open after it; open: the steps waiting now with what may be decided there; asked: facts
        of the case; waits: whether only time leads on; completed, stage, stage_label; problem: why the last decision was
        not possible, "" if all were.

    Raises:
        NotAllowed: the actor neither prepares nor approves processes.
        NotFound: there is no such draft.
        NotSoundYet: the draft cannot run; the sentence says why.
        BadRequest: facts or decisions cannot be read.
    """
    given, story = _read(facts, decisions)
    release = change_review.release_of(session, draft_id, actor=actor)
    titles = fact_titles(releases.definitions_of(session, session.get_one(ProcessDraft, draft_id)))
    try:
        run = Rehearsal(release, given)
    except NotPossible as fault:
        return _told(None, release, [], str(fault), titles)
    moments = [_moment(run, None)]
    for decision in story:
        try:
            simulation.decide(run, decision)
        except NotPossible as fault:
            return _told(run, release, moments, str(fault), titles)
        moments.append(_moment(run, decision))
    return _told(run, release, moments, "", titles)


def _told(
    run: Rehearsal | None,
    release: Release,
    moments: Sequence[Mapping[str, Any]],
    problem: str,
    titles: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    stage = simulation.stage_of(run) if run else ""
    return {
        "moments": moments,
        "open": [_open(run, name, titles) for name in run.open] if run else [],
        "asked": _asked(release, CASE, {}),
        "waits": run is not None and not run.open and not run.completed and run.due is not None,
        "completed": run is not None and run.completed,
        "stage": stage,
        "stage_label": labels.stage(stage) if stage else "",
        "problem": problem,
    }


def keep(
    session: Session,
    draft_id: str,
    *,
    actor: Actor,
    at: datetime,
    version: int,
    name: str,
    facts: Any,
    decisions: Any,
) -> dict[str, Any]:
    """Keep a story that was played as a scenario of the draft: the path it took is what is expected from now on.

    A scenario of the same name is replaced.

    Raises:
        NotAllowed, NotFound, Stale: see `drafts.save`.
        NotSoundYet: the draft cannot run.
        BadRequest: the story cannot be read, or there are more than 100.
        Problems: the name is missing, or a decision of the story is not possible.
    """
    given, story = _read(facts, decisions)
    if not name.strip():
        drafts.refuse([drafts.problem("name", "请给情景起一个名称，如“一般项目一次通过”。")])
    wanted = Scenario(name=name.strip()[:100], decisions=story, expected=(), facts=given)
    release = change_review.release_of(session, draft_id, actor=actor)
    others = [one for one in _kept(session, draft_id, actor) if one.name != wanted.name]
    if len(others) >= MOST:
        raise BadRequest(f"一个流程最多保存 {MOST} 个情景，请先删除不用的。")
    return _save(session, draft_id, actor, at, version, [*others, _as_it_goes(release, wanted)])


def accept(session: Session, draft_id: str, *, actor: Actor, at: datetime, version: int, name: str) -> dict[str, Any]:
    """Let a scenario expect the path it takes under the drawing as it now is.

    Raises:
        NotAllowed, NotFound, Stale: see `drafts.save`; NotFound also if there is no such scenario.
        NotSoundYet: the draft cannot run.
        Problems: a decision of it is no longer possible.
    """
    release = change_review.release_of(session, draft_id, actor=actor)
    kept = _kept(session, draft_id, actor)
    _one(kept, name)
    scenarios = [_as_it_goes(release, one) if one.name == name else one for one in kept]
    return _save(session, draft_id, actor, at, version, scenarios)


def drop(session: Session, draft_id: str, *, actor: Actor, at: datetime, version: int, name: str) -> dict[str, Any]:
    """Take a scenario out of the draft.

    Raises:
        NotAllowed, NotFound, Stale: see `drafts.save`; NotFound also if there is no such scenario.
    """
    kept = _kept(session, draft_id, actor)
    _one(kept, name)
    return _save(session, draft_id, actor, at, version, [one for one in kept if one.name != name])


def supplement(session: Session, draft_id: str, *, actor: Actor, at: datetime, version: int) -> dict[str, Any]:
    """Add scenarios that take the arrows none of the draft's takes; they expect what happens now, so a person reads them.

    Raises:
        NotAllowed, NotFound, Stale: see `drafts.save`.
        NotSoundYet: the draft cannot run.
        Problems: chance found no way along the arrows that are left.
    """
    release = change_review.release_of(session, draft_id, actor=actor)
    kept = _kept(session, draft_id, actor)
    outline = read_outline(drafts.one(session, draft_id, actor=actor).bpmn)
    found = simulation.suggested(release, outline, kept)[: MOST - len(kept)]
    if not found:
        drafts.refuse([drafts.problem("decisions", "没有找到能走过其余连线的情景，请手工模拟办理后保存。")])
    return _save(session, draft_id, actor, at, version, [*kept, *found])


def missed_flows(session: Session, draft_id: str, missed: Sequence[str], *, actor: Actor) -> list[str]:
    """Arrows, by id, as people read them: 从 … 到 …."""
    draft = drafts.one(session, draft_id, actor=actor)
    outline = read_outline(draft.bpmn)

    def title(node_id: str) -> str:
        if node_id in outline.steps:
            return step_title(outline.steps[node_id])
        return outline.nodes[node_id].title if node_id in outline.nodes else node_id

    arrows = [outline.flows[flow] for flow in missed if flow in outline.flows]
    return [f"{title(arrow.source)} → {title(arrow.target)}" for arrow in arrows]


def _as_it_goes(release: Release, scenario: Scenario) -> Scenario:
    """The scenario with the path and the end it has now as those it expects."""
    outcome = simulation.play(release, scenario)
    path = tuple(entry.step for entry in outcome.path)
    found = replace(scenario, expected=path, ends_in=outcome.stage)
    left = simulation.play(release, found).problem
    if left:
        drafts.refuse([drafts.problem("decisions", f"情景“{scenario.name}”走不下去：{left}。请重新模拟一次再保存。")])
    return found


def _save(
    session: Session, draft_id: str, actor: Actor, at: datetime, version: int, scenarios: Sequence[Scenario]
) -> dict[str, Any]:
    text = drafts.one(session, draft_id, actor=actor).bpmn
    stored = [scenario.to_json() for scenario in scenarios]
    saved = drafts.save(session, draft_id, actor=actor, at=at, version=version, bpmn=text, scenarios=stored)
    return {"version": saved["version"]}


def _kept(session: Session, draft_id: str, actor: Actor) -> list[Scenario]:
    return draft_check.read_scenarios(drafts.one(session, draft_id, actor=actor).scenarios)


def _one(scenarios: Sequence[Scenario], name: str) -> Scenario:
    found = next((one for one in scenarios if one.name == name), None)
    if found is None:
        raise NotFound(f"没有情景“{name}”，它可能已被删除，请刷新。")
    return found


def _read(facts: Any, decisions: Any) -> tuple[Mapping[str, Any], tuple[Decision, ...]]:
    try:
        return read_facts(facts), read_decisions(decisions)
    except ValueError as fault:
        raise BadRequest(str(fault)) from fault


def _moment(run: Rehearsal, decision: Decision | None) -> dict[str, Any]:
    step = run.release.steps.get(decision.step) if decision else None
    verb = decision.verb if decision else "start"
    outcome = step.outcome(verb) if step else None
    words = "过了规定的时间" if verb == WAIT else outcome.label if outcome else labels.verb(verb)
    back = decision is not None and decision.verb in BACKWARD
    return {
        "step": decision.step if decision else "",
        "title": step_title(step) if step else "",
        "verb": verb,
        "words": words,
        "flows": [] if back else [list(ends) for ends in run.arrows],
        "back": back,
        "open": run.open,
    }


def _open(run: Rehearsal, name: str, titles: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    step = run.release.steps[name]
    targets = back_targets(run.release, run.path, name)
    return {
        "step": name,
        "title": step_title(step),
        "who": f"{organisation_words(step.organisation_rule)} · {routing.role_name(step.role)}",
        "verbs": [
            {"verb": outcome.verb, "words": outcome.label, "back": outcome.verb in BACKWARD}
            for outcome in step.outcomes
            if outcome.verb not in BACKWARD or targets
        ],
        "back": [{"step": one, "title": step_title(run.release.steps[one])} for one in targets],
        "asked": _asked(run.release, name, titles.get(step.form, {})),
    }


def _asked(release: Release, owner: str, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """The facts of a step that conditions read, with values on either side of every condition."""
    return [
        {"name": fact, "title": titles.get(fact, fact), "values": list(values)}
        for (step, fact), values in telling_values(release).items()
        if step == owner and fact != "outcome"
    ]
