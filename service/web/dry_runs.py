"""The page on which a drafted process is run over the cases of a season, with progress, case by case."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from service import change_review, drafts, dry_run, labels
from service import request as wiring
from service.change_review import NotSoundYet, Trial
from service.permission import permission
from service.web import current

pages = Blueprint("dry_runs", __name__, url_prefix="/processes/drafts")
#: After so many cases the reader is told how far it is.
_STEP = 20


@pages.get("/<draft_id>/dry-run")
@permission("process.read")
def index(draft_id: str) -> ResponseReturnValue:
    session, who = wiring.session(), current.actor()
    draft = drafts.one(session, draft_id, actor=who)
    seasons = change_review.seasons(session, draft_id, actor=who)
    chosen, result, refused = request.args.get("season", ""), None, None
    try:
        change_review.release_of(session, draft_id, actor=who)
        if chosen:
            result = change_review.on_season(session, draft_id, chosen, actor=who, at=current.at())
    except NotSoundYet as error:
        refused = error
    return render_template(
        "studio/dry_run.html",
        draft=draft,
        seasons=seasons,
        chosen=chosen,
        refused=refused,
        **_shown(draft_id, result),
    )


@pages.get("/<draft_id>/dry-run/stream")
@permission("process.read")
def stream(draft_id: str) -> ResponseReturnValue:
    """Lines of JSON: how far it is, at last the result as the page shows it."""
    season = request.args.get("season", "")
    trial = change_review.trial(wiring.session(), draft_id, season, actor=current.actor(), at=current.at())
    return Response(stream_with_context(_lines(trial, draft_id)), mimetype="application/x-ndjson")


def _lines(trial: Trial, draft_id: str) -> Iterator[str]:
    results, number = [], len(trial.cases)
    yield _line(done=0, all=number)
    for result in trial.results():
        results.append(result)
        if len(results) % _STEP == 0:
            yield _line(done=len(results), all=number)
    shown = _shown(draft_id, dry_run.counted(results))
    yield _line(done=number, all=number, html=render_template("studio/_dry_run.html", **shown))


def _line(**content: Any) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


def _shown(draft_id: str, result: dry_run.DryRun | None) -> Mapping[str, Any]:
    names = change_review.step_names(wiring.session(), draft_id, actor=current.actor()) if result else {}
    return {"result": result, "names": names, "stage_name": labels.stage, "verb_name": labels.verb}
