"""Does set-up notice what changed, and say what to do where it cannot help?"""

from pathlib import Path

import prepare
import pytest


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout."""
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    return tmp_path


def test_a_changed_file_changes_the_stamp(checkout: Path):
    lock = checkout / "requirements.lock"
    lock.write_text("one")
    before = prepare._mark(lock)
    assert prepare._mark(lock) == before
    lock.write_text("two")
    assert prepare._mark(lock) != before


def test_a_moved_file_changes_the_stamp(checkout: Path):
    (checkout / "a").write_text("same")
    (checkout / "b").write_text("same")
    assert prepare._mark(checkout / "a") != prepare._mark(checkout / "b")


def test_without_rights_to_install_a_sentence_says_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prepare, "chromium", lambda: None)
    monkeypatch.setattr(prepare, "_chinese_font", lambda: False)
    monkeypatch.setattr(prepare, "_may_install", lambda: False)
    with pytest.raises(SystemExit, match="chromium、fonts-noto-cjk"):
        prepare._browser()


def test_a_failing_step_shows_its_last_words():
    with pytest.raises(SystemExit, match="boom"):
        prepare._run(["sh", "-c", "echo boom >&2; exit 3"])
