"""Which built files does a page load? Read from the manifest the front-end build writes."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import url_for
from markupsafe import Markup

BUILT = Path(__file__).parent / "static" / "dist"


def load(entry: str) -> Markup:
    """The tags of an entry, `main` or `islands/<name>`; nothing if the pages' scripts have not been built."""
    chunk = _manifest(_written()).get(f"src/{entry}.ts")
    if chunk is None:
        return Markup()
    styles = Markup().join(
        Markup('<link rel="stylesheet" href="{}">').format(_url(name)) for name in chunk.get("css", ())
    )
    return styles + Markup('<script type="module" src="{}"></script>').format(_url(chunk["file"]))


def icon(name: str, label: str = "") -> Markup:
    """A Tabler icon from the sprite; without a label it is decoration."""
    named = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(named, _url("icons.svg"), name)


def _url(name: str) -> str:
    return url_for("static", filename=f"dist/{name}")


def _written() -> float:
    path = BUILT / "manifest.json"
    return path.stat().st_mtime if path.exists() else 0.0


@lru_cache(maxsize=1)
def _manifest(written: float) -> dict[str, Any]:
    """Read again only when a new build has been written."""
    if not written:
        return {}
    manifest: dict[str, Any] = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    return manifest
