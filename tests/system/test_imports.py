"""Do the layers hold? Runs the import contracts of pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.system.sources import ROOT


def test_the_import_contracts_hold():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
