"""Does an installed wheel hold everything the product reads at run time?"""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.system.sources import ROOT


@pytest.mark.parametrize(
    "pattern", ["workflows/*.bpmn", "forms/*.json", "service/web/templates/**/*.html", "service/engine/*.json"]
)
def test_data_files_are_in_the_wheel(wheel: set[str], pattern: str):
    files = {str(path.relative_to(ROOT)) for path in ROOT.glob(pattern)}
    assert files
    assert files - wheel == set()


def test_the_pages_build_is_in_the_wheel_and_its_sources_are_not(wheel: set[str]):
    assert "service/web/static/dist/manifest.json" in wheel
    assert not [name for name in wheel if name.startswith("service/ui/")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel built from a copy of the tracked and new files and the pages' build."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True).splitlines()
    built = [str(path.relative_to(ROOT)) for path in (ROOT / "service/web/static/dist").rglob("*") if path.is_file()]
    for name in [*listed, *built]:
        if (ROOT / name).is_file():
            target = folder / "source" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(folder / "source")], check=True, capture_output=True)
    with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as archive:
        return set(archive.namelist())
