"""Is every setting documented, and nothing documented that is none?"""

import re

from tests.system.sources import ROOT, modules

SETTING = re.compile(r"\bJIHENG_[A-Z_]+\b")


def test_every_setting_is_in_the_readme():
    used = {found for path in modules("service", "db") for found in SETTING.findall(path.read_text("utf-8"))}
    documented = set(SETTING.findall((ROOT / "README.md").read_text("utf-8")))
    assert used - documented == set()
    assert documented - used == set()
