"""Who acts, when and from where? What every command carries besides what it asks for."""

from collections.abc import Mapping
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
