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
    manifest, key = _manifest(_written()), f"src/{entry}.ts"
    if key not in manifest:
        return Markup()
    styles = Markup().join(
        Markup('<link rel="stylesheet" href="{}">').format(_url(name)) for name in _styles(manifest, key)
    )
    return styles + Markup('<script type="module" src="{}"></script>').format(_url(manifest[key]["file"]))


def _styles(manifest: dict[str, Any], key: str) -> list[str]:
    """The style sheets of a chunk, those of the chunks it shares with other pages first."""
    found: dict[str, None] = {}
    seen, todo = {key}, [key]
    while todo:
        chunk = manifest[todo.pop()]
        found = dict.fromkeys([*chunk.get("css", ()), *found])
        for name in chunk.get("imports", ()):
            if name not in seen and name != "src/main.ts":  # every page has loaded that one already
                seen.add(name)
                todo.append(name)
    return list(found)


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
