"""Writes what is missing in tests/golden; called by scripts/golden."""

import sys
from collections.abc import Callable
from pathlib import Path

import golden_evidence
import golden_forms
import golden_histories

import forms


def main(again: bool, replace: bool) -> None:
    kept = [_write(target, make, again) for target, make in _wanted()]
    for file in sorted(set(golden_histories.GOLDEN.glob("*/*.json")) - set(kept)) if replace else ():
        print(f"- {file.relative_to(golden_histories.ROOT)}")
        file.unlink()


def _wanted() -> list[tuple[Path, Callable[[], Path]]]:
    found: list[tuple[Path, Callable[[], Path]]] = []
    for process in golden_histories.processes():
        release = golden_histories.compiled(golden_histories.bundle(process), process.stem)
        target = golden_histories.place(process.stem, release.hash)
        found.append((target, lambda process=process: golden_histories.record(process)))
    for code in golden_forms.codes():
        found.append((golden_forms.place(forms.load(code)), lambda code=code: golden_forms.record(code)))
    found.append((golden_evidence.PROJECTED, golden_evidence.record))
    return found


def _write(target: Path, make: Callable[[], Path], again: bool) -> Path:
    before = target.read_text() if target.exists() else ""
    if not before or again:
        make()
        sign = "+" if not before else "=" if before == target.read_text() else "~"
        print(f"{sign} {target.relative_to(golden_histories.ROOT)}")
    return target


main("--again" in sys.argv[1:], "--replace" in sys.argv[1:])
