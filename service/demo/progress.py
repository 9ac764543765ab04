"""How far is the loading of the demo district?"""

from collections.abc import Callable

Say = Callable[[str], None]


class Progress:
    """Says how many of all moves have been made, now and then."""

    def __init__(self, say: Say, parts: int) -> None:
        self._say, self._waiting = say, parts
        self._total = self._done = 0
        self._said = 0.0

    def note(self, total: int, done: int) -> None:
        """Count a part's moves once, and moves that have been made."""
        self._waiting -= bool(total)
        self._total, self._done = self._total + total, self._done + done
        share = self._done / self._total if self._total and not self._waiting else 0.0
        if share >= self._said + 0.1 or (share == 1.0 and self._said < 1.0):
            self._said = share
            self._say(f"  装入办理过程 · loading histories {self._done}/{self._total}")
