"""What do two versions of a process differ in beside their drawing, tables and forms? Rule sets and scenarios, in sentences."""

from db.release import ProcessRelease
from db.studio import ProcessDraft
from service import rule_sets, scenarios
from service.release_diff import Change


def changes(old: ProcessRelease, new: ProcessRelease | ProcessDraft) -> tuple[Change, ...]:
    """The differences, rule sets first."""
    return (
        *rule_sets.changes(old.rule_sets, new.rule_sets),
        *scenarios.changes(old.scenarios, new.scenarios),
    )
