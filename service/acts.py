"""Who acts, when and from where, and what is asked for? What every command at a visit carries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms.definition import FormDefinition
from service.people import Actor

#: Forms filled in, by code; or how they are read from what a page sent, once it is known which versions the case is under.
Filled = Mapping[str, Any] | Callable[[Mapping[str, FormDefinition]], Mapping[str, Any]]
#: The same of one form.
Content = Mapping[str, Any] | Callable[[FormDefinition], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What set something off: when, and who by what they decided; nobody where a timer did."""

    at: datetime
    person_id: str | None = None
    client: Mapping[str, Any] | None = None
    simulated: bool = False


@dataclass(frozen=True, kw_only=True)
class Act:
    """The circumstances of one command."""

    actor: Actor
    #: By the database's clock; the demo and test loaders alone pass instants of their own, which ``simulated`` says.
    at: datetime
    #: Address and program of the caller.
    client: Mapping[str, Any] | None = None
    simulated: bool = False

    @property
    def cause(self) -> Cause:
        """The act as what sets effects off."""
        return Cause(at=self.at, person_id=self.actor.person_id, client=self.client, simulated=self.simulated)


def read_filled(filled: Filled | None, definitions: Mapping[str, FormDefinition]) -> Mapping[str, Any]:
    """Forms as filled in under the versions of a case; nothing if nothing was sent."""
    return filled(definitions) if callable(filled) else filled or {}


def read_content(content: Content, definition: FormDefinition) -> Mapping[str, Any]:
    """One form as filled in under the version of a case."""
    return content(definition) if callable(content) else content


@dataclass(frozen=True)
class Request:
    """What a person asks for at a visit."""

    verb: str
    form: Mapping[str, Any]
    reason: str | None
    findings: Sequence[Mapping[str, Any]]
    params: Mapping[str, Any]
