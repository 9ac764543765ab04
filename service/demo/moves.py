"""What is one act in the life of a declaration of the demo district?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """One act in the life of a declaration."""

    #: ``start``, a step of the process, or one of the assessment beside it (``ex_ante.draft`` …).
    node: str
    verb: str = ""
    #: What is wrong with what is submitted, or is remarked on; "" for nothing.
    defect: str = ""
    #: Working seconds since the move before.
    pause: float = 0.0
    #: What an auditor should notice about it (see ``oddities``); "" for nothing.
    oddity: str = ""
