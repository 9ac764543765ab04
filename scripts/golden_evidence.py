"""Golden evidence: packages an earlier version handed out, with what their events led to then."""

import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from golden_histories import GOLDEN

from service import projections
from service.engine import Release, compile_release

FOLDER = GOLDEN / "evidence"
PACKAGES = sorted(FOLDER.glob("*.zip"))
#: SHA-256 of all rows that the events of a package imply, and its name; a line each.
PROJECTED = FOLDER / "projected.txt"


@dataclass
class Package:
    """The files of a package by name."""

    files: dict[str, bytes]

    @property
    def events(self) -> list[Any]:
        """The events as rows, their own hash taken of the line as it was handed out."""
        found = []
        for line in self.files["events.jsonl"].splitlines():
            members = json.loads(line)
            at = datetime.fromisoformat(members["at"])
            found.append(SimpleNamespace(**{**members, "at": at}, hash=sha256(line).hexdigest()))
        return found

    def release(self, release_hash: str) -> Release:
        folder = f"releases/{release_hash}/"
        parts = {path.removeprefix(folder): text for path, text in self.files.items() if path.startswith(folder)}
        process_id = parts.pop("process_id").decode()
        codes = {name.removesuffix(".json"): text for name, text in parts.items() if name.endswith(".json")}
        pinned = frozenset(code for code, text in codes.items() if "official_code" in json.loads(text))
        return compile_release(parts, process_id, forms=pinned)


def projected(package: Package) -> str:
    made = projections.project(package.events, package.release)
    assert made.unknown == []
    shown = json.dumps(vars(made), sort_keys=True, default=str, ensure_ascii=False)
    return sha256(shown.encode()).hexdigest()


def opened(path: Path) -> Package:
    """A package as it was handed out."""
    with zipfile.ZipFile(path) as archive:
        return Package({one.filename: archive.read(one) for one in archive.infolist()})


def recorded() -> dict[str, str]:
    """What each package's events led to when that was last recorded."""
    lines = (line.split() for line in PROJECTED.read_text().splitlines())
    return {name: digest for digest, name in lines}


def record() -> Path:
    """Write what the packages' events lead to now: after rows were given columns they had not, and only then."""
    PROJECTED.write_text("".join(f"{projected(opened(path))}  {path.stem}\n" for path in PACKAGES))
    return PROJECTED
