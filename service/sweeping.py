"""How are hundreds of thousands of events gone through without the interpreter looking for rubbish all the time?

A workflow and its tasks name each other, so only the collector of cycles frees them. Left to itself it also looks, again
and again, at every row that is merely being read: a third of the time of checking a year.
"""

import gc
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
#: Items after which what has become rubbish is freed.
EVERY = 20


def swept(items: Iterable[Item], *, every: int = EVERY) -> Iterator[Item]:
    """The items of a long piece of work, with memory swept between them instead of within them.

    Only what was made since the last sweep is looked at, so the cost is linear and memory stays that of so many items.
    """
    automatic = gc.isenabled()
    gc.disable()
    try:
        for number, item in enumerate(items, 1):
            yield item
            if number % every == 0:
                gc.collect(0)
    finally:
        if automatic:
            gc.enable()
