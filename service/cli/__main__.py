"""`python -m service.cli` is `jiheng`."""

from service.cli import main

main(prog_name="jiheng")
