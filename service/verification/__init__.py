"""Is a history still what happened? Every layer of every case checked: 一致, 不一致 or 无法验证, with the first bad event."""

from service.verification.checking import verify, verify_all
from service.verification.runs import latest, run_nightly
from service.verification.verdict import CONSISTENT, INCONSISTENT, LAYERS, STATES, UNVERIFIABLE, Fault, Verdict

__all__ = [
    "CONSISTENT",
    "INCONSISTENT",
    "LAYERS",
    "STATES",
    "UNVERIFIABLE",
    "Fault",
    "Verdict",
    "latest",
    "run_nightly",
    "verify",
    "verify_all",
]
