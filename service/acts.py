"""Who acts, when and from where, and what is asked for? What every command at a visit carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.people import Actor


@dataclass(frozen=True, kw_only=True)
class Act:
    """The circumstances of one command."""

    actor: Actor
    #: By the database's clock; the demo and test loaders alone pass instants of their own, which ``simulated`` says.
    at: datetime
    #: Address and program of the caller.
    client: Mapping[str, Any] | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Request:
    """What a person asks for at a visit."""

    verb: str
    form: Mapping[str, Any]
    reason: str | None
    findings: Sequence[Mapping[str, Any]]
    params: Mapping[str, Any]
