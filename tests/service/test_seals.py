"""Can anybody outside check that an event was sealed, and does one sealer give every event its leaf once?"""

import base64
import hashlib
import json
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.connection import database_now
from db.event import Event
from db.seal import SealCheckpoint, SealedLeaf
from service.config import BadSetting, Config
from service.errors import NotFound
from service.seals import copies, keys, receipts, sealing, verifier
from service.seals.keys import SealKeyUnusable
from service.seals.tree import Tree, consistency, inclusion
from tests.district import District, create_district

#: Root hashes of the tree over the first n of these leaves, as published with RFC 6962 implementations.
LEAVES = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_tree_is_that_of_rfc_6962():
    hashes = [verifier.digest("sha256", b"\x00" + leaf) for leaf in LEAVES]
    assert [Tree.of("sha256", hashes[:n]).root().hex() for n in range(1, 9)] == ROOTS
    assert Tree("sha256").root().hex() == hashlib.sha256(b"").hexdigest()


@given(st.integers(1, 70), st.data(), st.sampled_from(verifier.ALGORITHMS))
def test_every_leaf_can_be_proved_and_no_other(size: int, data: st.DataObject, algorithm: str):
    hashes = [verifier.leaf_hash(algorithm, "event", f"c:{n}", "h") for n in range(size)]
    root = Tree.of(algorithm, hashes).root()
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(algorithm, hashes, index)
    assert verifier.climbed(algorithm, hashes[index], index, size, proof) == root
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        try:
            found = verifier.climbed(algorithm, hashes[other], index, size, proof)
        except verifier.NotGenuine:
            found = b""
        assert found != root


def test_consistency_proofs_are_those_of_the_rfc():
    hashes = [verifier.digest("sha256", b"\x00" + leaf) for leaf in LEAVES]
    assert [one.hex()[:8] for one in consistency("sha256", hashes, 6)] == ["0ebc5d34", "ca854ea1", "d37ee418"]
    assert consistency("sha256", hashes, 8) == []


@pytest.fixture
def district(session: Session) -> District:
    return create_district(session)


@pytest.fixture
def sealed(session: Session, district: District, tmp_path: Path) -> str:
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review")
    seal(session, tmp_path)
    return case_id


def seal(session: Session, data: Path, **asked: str) -> SealCheckpoint | None:
    signer = keys.signer(data)
    made = sealing.seal(session, signer, at=database_now(session), **asked)
    session.commit()
    copies.export(session, data, signer, at=database_now(session))
    session.commit()
    return made


def test_every_event_gets_one_leaf_and_the_same_turn_again_adds_nothing(
    session: Session, district: District, sealed: str, tmp_path: Path
):
    events = session.execute(select(func.count()).select_from(Event)).scalar_one()
    assert session.scalars(select(SealedLeaf.leaf).order_by(SealedLeaf.leaf)).all() == list(range(events))
    assert seal(session, tmp_path) is None
    district.walk(sealed, "fund_review")
    made = seal(session, tmp_path)
    assert made is not None
    assert (made.size, sealing.waiting(session)) == (events + 1, 0)
    assert [leaf.leaf for leaf in copies.leaves(tmp_path)] == list(range(events + 1))


def test_a_new_day_is_signed_even_without_news(session: Session, sealed: str, tmp_path: Path):
    made = sealing.seal(session, keys.signer(tmp_path), at=database_now(session) + timedelta(days=1))
    assert made is not None


def test_another_hash_gives_another_tree_over_the_same_leaves(session: Session, sealed: str, tmp_path: Path):
    made = seal(session, tmp_path, algorithm="sm3")
    assert made is not None
    opened = verifier.opened(made.note, keys.signer(tmp_path).public_key)
    assert (opened.algorithm, opened.size) == ("sm3", 4)
    receipt = receipts.receipt(session, sealed, 2, data=tmp_path)
    verifier.check_receipt(receipt, receipt["public_key"])


def test_a_receipt_is_checked_outside_the_project(session: Session, sealed: str, tmp_path: Path):
    receipt = receipts.receipt(session, sealed, 3, data=tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "verifier.py").write_bytes(Path(verifier.__file__).read_bytes())
    (outside / "good.json").write_text(json.dumps(receipt), "utf-8")
    (outside / "bad.json").write_text(json.dumps(receipt | {"event": receipt["event"] + " "}), "utf-8")

    def run(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "verifier.py", name, "--key", receipt["public_key"]]
        return subprocess.run(command, cwd=outside, capture_output=True, text=True, check=False)

    assert (run("good.json").returncode, run("bad.json").returncode) == (0, 1)
    assert "一致" in run("good.json").stdout


def test_what_is_not_sealed_yet_has_no_receipt(session: Session, district: District, sealed: str, tmp_path: Path):
    district.walk(sealed, "fund_review")
    with pytest.raises(NotFound, match="还没有封存"):
        receipts.receipt(session, sealed, 5, data=tmp_path)


def test_the_key_is_private_and_must_stay_so(tmp_path: Path):
    first = keys.signer(tmp_path)
    path = tmp_path / keys.KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.signer(tmp_path).public_key == first.public_key
    path.chmod(0o644)
    with pytest.raises(SealKeyUnusable, match="权限过宽"):
        keys.signer(tmp_path)
    path.chmod(0o600)
    path.write_text("!")
    with pytest.raises(SealKeyUnusable, match="已损坏"):
        keys.signer(tmp_path)


def test_a_note_names_its_key_as_signed_notes_do(tmp_path: Path):
    signer = keys.signer(tmp_path)
    note = signer.signed("origin/sha256\n0\n\nat now\n".replace("\n\n", "\nAA==\n"))
    name, number, encoded = signer.public_key.split("+", 2)
    signature = base64.b64decode(note.rsplit(" ", 1)[1])
    assert note.splitlines()[-1].startswith(f"— {name} ")
    assert signature[:4].hex() == number
    assert base64.b64decode(encoded)[:1] == verifier.ED25519
    with pytest.raises(verifier.NotGenuine):
        verifier.opened(note.replace("at now", "at then"), signer.public_key)


def test_a_hash_this_machine_lacks_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    known = hashlib.new
    monkeypatch.setattr(hashlib, "new", lambda name, *rest: known("none" if name == "sm3" else name, *rest))
    given = {"JIHENG_DATABASE_URL": "postgresql://x", "JIHENG_SEAL_HASH": "sm3"}
    with pytest.raises(BadSetting, match="sm3"):
        Config.from_environment(given, data=tmp_path)
