"""Is memory freed between the items of a long piece of work, and left to itself afterwards?"""

import gc
import weakref

from service.sweeping import swept


class Knot:
    """Something only the collector of cycles can free."""

    def __init__(self) -> None:
        self.itself = self


def test_what_has_become_rubbish_is_freed_every_few_items():
    known = []

    def items():
        for number in range(40):
            known.append(weakref.ref(Knot()))
            yield number

    alive = [sum(one() is not None for one in known) for _ in swept(items(), every=5)]
    assert max(alive) <= 6
    assert gc.isenabled()


def test_work_left_half_done_leaves_the_collector_on():
    work = swept(iter(range(10)))
    next(work)
    assert not gc.isenabled()
    work.close()
    assert gc.isenabled()
