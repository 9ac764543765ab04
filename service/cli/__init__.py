"""The operators' command `jiheng`: one module per noun, found by its name and loaded when used."""

import pkgutil
from importlib import import_module

import click

#: Modules here that are no commands.
SHARED = {"__main__", "context", "supervisor"}


class Nouns(click.Group):
    """Each module here with a `command` is a sub-command: `check_targets.py` is `jiheng check-targets`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(__path__) if module.name not in SHARED)
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = getattr(import_module(f"{__name__}.{cmd_name.replace('-', '_')}"), "command", None)
        return found if isinstance(found, click.Command) else None


@click.command(cls=Nouns, help="绩衡运维命令。Operators' commands of Jiheng.")
def main() -> None:
    """Entry point of `jiheng`."""
