"""What our attributes on a diagram mean: from XML elements to the steps and ends of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from service.engine.namespace import JH, bpmn, jh
from service.engine.release import RETURN_WORDS, EndEvent, Outcome, TableStep, UserStep


def lanes(root: etree._Element) -> Mapping[str, etree._Element]:
    """Return the innermost lane of every node that lies in one, by node id."""
    found: dict[str, etree._Element] = {}
    for lane in root.iter(bpmn("lane")):
        for reference in lane.findall(bpmn("flowNodeRef")):
            found[(reference.text or "").strip()] = lane
    return found


def inherited(element: etree._Element, lane: etree._Element | None, name: str) -> str:
    """Return an attribute of a step, or else of its lane or of the lanes around it."""
    value = element.get(jh(name))
    while not value and lane is not None:
        value = lane.get(jh(name))
        lane = next(lane.iterancestors(bpmn("lane")), None)
    return value or ""


def step(element: etree._Element, lane: etree._Element | None, others: tuple[str, ...]) -> UserStep:
    """Return the step a user task draws; ``others`` are the ids of the other steps.

    Values are taken as they stand: faults are the lint's business, unreadable numbers count as absent.
    """
    return UserStep(
        node_id=element.get("id", ""),
        name=element.get("name", ""),
        lane=lane.get("name", "") if lane is not None else "",
        role=inherited(element, lane, "role"),
        organisation_rule=inherited(element, lane, "organisation"),
        stage=element.get(jh("stage"), ""),
        form=element.get(jh("form"), ""),
        reads=words(element.get(jh("reads"), "")),
        outcomes=outcomes(element),
        due_days=whole(element.get(jh("dueDays"), "")),
        policy_document=element.get(jh("policyDocument"), ""),
        policy_article=element.get(jh("policyArticle"), ""),
        return_targets=return_targets(element),
        resubmit=element.get(jh("resubmit"), "replay"),  # type: ignore[arg-type]
        max_returns=whole(element.get(jh("maxReturns"), "")) or 3,
        opinion_required=element.get(jh("opinionRequired")) == "true",
        irreversible=element.get(jh("irreversible")) == "true",
        distinct_from=words(element.get(jh("distinctFrom"), "")) or others,
        **_together(element),
        copy_at_open=words(element.get(jh("copyAtOpen"), "")),
        copy_at_pass=words(element.get(jh("copyAtPass"), "")),
        copy_at_return=words(element.get(jh("copyAtReturn"), "")),
    )


def _together(element: etree._Element) -> dict[str, Any]:
    """What a step says about several people deciding, joining in, taking over and taking back."""
    share, hours = whole(element.get(jh("share"), "")), whole(element.get(jh("recallHours"), ""))
    return {
        "countersign": element.get(jh("countersign"), "first"),
        "share": 100 if share is None else share,
        "weights": weights(element.get(jh("weights"), "")),
        "veto": element.get(jh("veto")) == "true",
        "collect_all": element.get(jh("collectAll")) == "true",
        "add_sign": element.get(jh("addSign"), "scope"),
        "transfer_scope": element.get(jh("transferScope"), "roster"),
        "recall_hours": 24 if hours is None else hours,
        "batch_allowed": element.get(jh("batchAllowed")) == "true",
    }


def weights(text: str) -> tuple[tuple[str, int], ...]:
    """Return the weights by role that ``PERF_CHIEF:2 PERF_OFFICER:1`` writes; unreadable ones are left out."""
    pairs = (word.replace("：", ":").partition(":") for word in words(text))
    return tuple((role, number) for role, _, figure in pairs if (number := whole(figure)))


def outcomes(element: etree._Element) -> tuple[Outcome, ...]:
    """Return the decisions a user task offers, in drawn order."""
    return tuple(
        Outcome(verb=item.get("verb", ""), label=item.get("label", ""))  # type: ignore[arg-type]
        for item in element.iterfind(f"{bpmn('extensionElements')}/{{{JH}}}outcomes/{{{JH}}}outcome")
    )


def return_targets(element: etree._Element) -> str | tuple[str, ...]:
    """Return one of the four words, or the ids of the steps a return may go to."""
    text = element.get(jh("returnTargets"), "none").strip()
    return text if text in RETURN_WORDS else words(text)


def table_step(element: etree._Element) -> TableStep:
    """Return what a business rule task asks; ``jh:decision`` names file and decision as ``levels.dmn#level``."""
    file, _, decision = element.get(jh("decision"), "").strip().partition("#")
    inputs = element.iterfind(f"{bpmn('extensionElements')}/{{{JH}}}inputs/{{{JH}}}input")
    return TableStep(
        node_id=element.get("id", ""),
        name=element.get("name", ""),
        file=file,
        decision=decision,
        inputs=tuple((item.get("name", ""), item.get("value", "").strip()) for item in inputs),
        policy_document=element.get(jh("policyDocument"), ""),
        policy_article=element.get(jh("policyArticle"), ""),
    )


def end_event(element: etree._Element) -> EndEvent:
    """Return the end a diagram draws."""
    copies = words(element.get(jh("copyTo"), ""))
    return EndEvent(element.get("id", ""), element.get("name", ""), element.get(jh("stage"), ""), copies)


def words(text: str) -> tuple[str, ...]:
    """Split a list of names at commas and blanks."""
    return tuple(text.replace(",", " ").replace("，", " ").split())


def whole(text: str) -> int | None:
    """Return a whole number of at most four digits, ``None`` if the text is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None
