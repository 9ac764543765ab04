"""Which of many are looked at again? A draw (随机抽样) that anybody can repeat from its recorded seed to the same result."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from hashlib import sha256

#: Percent that are drawn at least (P12: sample ≥ 10 %).
LEAST_SHARE = Decimal(10)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The place of one in a draw: ``rank`` of ``of``, the first ``quota`` of which are drawn."""

    rank: int
    of: int
    quota: int

    @property
    def drawn(self) -> bool:
        """Whether it is looked at again."""
        return self.rank <= self.quota


def draw(seed: str, keys: Collection[str], key: str, share: Decimal) -> Draw:
    """The place of a key among all keys, put in the order of SHA-256 over seed and key.

    The order follows from seed and keys alone, so whoever knows both finds the same places; adding a key moves the
    others by one place at most.

    Args:
        share: percent that are drawn, rounded up to whole ones.

    Raises:
        ValueError: the key is not among the keys.

    Source:
        P12 抽查复核: sample of at least 10 %, reproducible from a recorded seed.
    """
    if key not in keys:
        raise ValueError(f"“{key}”不在抽样范围内")
    own = _place(seed, key)
    return Draw(
        rank=1 + sum(_place(seed, other) < own for other in keys if other != key),
        of=len(keys),
        quota=int((Decimal(len(keys)) * share / 100).to_integral_value(ROUND_CEILING)),
    )


def _place(seed: str, key: str) -> tuple[bytes, str]:
    return sha256(f"{seed}\n{key}".encode()).digest(), key
