"""`python -m service.cli` is `jiheng`."""

from service.cli import main

# Processes of the demo loader import this module again.
if __name__ == "__main__":
    main(prog_name="jiheng")
