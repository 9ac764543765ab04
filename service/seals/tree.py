"""What is the root over these leaves, and how does one leaf lead to it? RFC 6962, grown leaf by leaf."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from service.seals.verifier import digest, node_hash


@dataclass
class Tree:
    """A tree of which only the roots of its full subtrees are kept, largest first: enough to grow and to give roots."""

    algorithm: str
    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, algorithm: str, hashes: Sequence[bytes]) -> Self:
        """The tree over these leaf hashes."""
        made = cls(algorithm)
        for one in hashes:
            made.append(one)
        return made

    def append(self, hash_: bytes) -> None:
        """Add one leaf hash."""
        place = self.size
        while place % 2:
            hash_ = node_hash(self.algorithm, self.peaks.pop(), hash_)
            place >>= 1
        self.peaks.append(hash_)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves; the hash of nothing for an empty tree."""
        if not self.peaks:
            return digest(self.algorithm, b"")
        *rest, found = self.peaks
        for peak in reversed(rest):
            found = node_hash(self.algorithm, peak, found)
        return found


def inclusion(algorithm: str, hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from a leaf to the root over all leaf hashes, lowest first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    low, high, path = 0, len(hashes), []
    while high - low > 1:
        middle = low + _largest_power_below(high - low)
        if index < middle:
            path.append(Tree.of(algorithm, hashes[middle:high]).root())
            high = middle
        else:
            path.append(Tree.of(algorithm, hashes[low:middle]).root())
            low = middle
    return path[::-1]


def consistency(algorithm: str, hashes: Sequence[bytes], size: int) -> list[bytes]:
    """The hashes that prove that a tree's first ``size`` leaves are those of an earlier tree (RFC 6962 §2.1.2).

    Raises:
        ValueError: the earlier tree was empty or greater than this one.
    """
    if not 0 < size <= len(hashes):
        raise ValueError(size)
    low, high, path, whole = 0, len(hashes), [], True
    while size != high:
        middle = low + _largest_power_below(high - low)
        if size <= middle:
            path.append(Tree.of(algorithm, hashes[middle:high]).root())
            high = middle
        else:
            path.append(Tree.of(algorithm, hashes[low:middle]).root())
            low, whole = middle, False
    return ([] if whole else [Tree.of(algorithm, hashes[low:high]).root()]) + path[::-1]


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)
