"""Do evidence packages that left the house still prove themselves, and do their events still lead to the same rows?

The packages were exported from a demo district by an earlier version and are never made anew: what they need to be
checked is what every district has in its archive.
"""

import json

import golden_evidence
import pytest
from golden_evidence import Package

import forms
from service import history
from service.replay import Run
from service.revisions import content_hash
from service.seals import verifier


@pytest.fixture(params=golden_evidence.PACKAGES, ids=lambda path: path.stem)
def name_and_package(request: pytest.FixtureRequest) -> tuple[str, Package]:
    return request.param.stem, golden_evidence.opened(request.param)


def test_the_verifier_still_accepts_it(name_and_package: tuple[str, Package], capsys: pytest.CaptureFixture[str]):
    name, _ = name_and_package
    assert verifier.main([str(golden_evidence.FOLDER / f"{name}.zip")]) == 0, capsys.readouterr().out


def test_its_events_hash_and_chain_as_they_did(name_and_package: tuple[str, Package]):
    _, package = name_and_package
    lines = package.files["events.jsonl"].splitlines()
    events = package.events
    assert [history.canonical_event(event) for event in events] == lines
    assert history.broken_at(events) is None
    assert {event.kind for event in events} <= set(history.KINDS)


def test_its_commands_lead_to_the_same_states(name_and_package: tuple[str, Package]):
    _, package = name_and_package
    known = {hash_: package.release(hash_) for hash_ in {event.release_hash for event in package.events}}
    assert {hash_: release.hash for hash_, release in known.items()} == {hash_: hash_ for hash_ in known}
    run = Run(known)  # type: ignore[arg-type]
    assert [run.repeat(event) for event in package.events] == [""] * len(package.events)


def test_its_events_still_lead_to_the_same_rows(name_and_package: tuple[str, Package]):
    name, package = name_and_package
    assert golden_evidence.projected(package) == golden_evidence.recorded()[name], (
        f"the rows implied by the events of {name} are others than before"
    )


def test_its_forms_have_their_hashes_and_can_be_shown(name_and_package: tuple[str, Package]):
    _, package = name_and_package
    kept = {path: json.loads(text) for path, text in package.files.items() if path.startswith("forms/")}
    assert {f"forms/{content_hash(content)}.json" for content in kept.values()} == set(kept)
    folder = f"releases/{package.events[0].release_hash}"
    for event in package.events:
        if event.form_hash:
            definition = forms.parse(json.loads(package.files[f"{folder}/project_target.json"]))
            forms.view(definition, kept[f"forms/{event.form_hash}.json"], mode="read")
