"""What does the scheduler do for the seals? New events sealed and copied outside, each at least every half minute."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from service.config import Config
from service.seals import copies, keys, sealing

#: Sealing and copying take turns: an event is outside the database after two turns at the latest.
SECONDS = 30


def sealer(config: Config) -> Callable[[Session, datetime], None]:
    """The job that seals new events and signs the root."""

    def run(session: Session, at: datetime) -> None:
        sealing.seal(session, keys.signer(config.data, config.seal_signer), at=at, algorithm=config.seal_hash)

    return run


def copier(config: Config) -> Callable[[Session, datetime], None]:
    """The job that copies what is sealed to the data folder."""

    def run(session: Session, at: datetime) -> None:
        copies.export(session, config.data, keys.signer(config.data, config.seal_signer), at=at)

    return run
