"""Is this receipt or evidence package genuine? Runs alone: Python's standard library and `cryptography`, no server.

    python verifier.py PACKAGE.zip|FOLDER|RECEIPT.json [--key KEY]

KEY is the district's public key (name+id+base64), kept by whoever checks: printed, in a mailbox, on paper. Without it
the key inside the package is used, which proves that nothing was changed since it was made, but not by whom.
Hashes follow RFC 6962 (leaf 0x00, node 0x01); checkpoints are signed notes in the form of C2SP tlog-checkpoint.
"""

import base64
import hashlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENESIS = "0" * 64
ED25519 = b"\x01"
ALGORITHMS = ("sha256", "sm3")
SIGNATURE = re.compile(r"^— (?P<name>\S+) (?P<text>[A-Za-z0-9+/=]+)$", re.MULTILINE)


class NotGenuine(Exception):
    """A signature, hash or proof does not hold; the text says which."""


@dataclass(frozen=True)
class Checkpoint:
    """A signed root: which tree, how many leaves, its root and when it was signed."""

    origin: str
    algorithm: str
    size: int
    root: bytes
    at: str


def digest(algorithm: str, data: bytes) -> bytes:
    """The hash of some bytes; sha256 or sm3."""
    if algorithm not in ALGORITHMS:
        raise NotGenuine(f"不认识的摘要算法 {algorithm}")
    return hashlib.new(algorithm, data).digest()


def leaf_hash(algorithm: str, source: str, key: str, event_hash: str) -> bytes:
    """The hash of a leaf: it binds an event's hash to its place in its history."""
    data = json.dumps([source, key, event_hash], ensure_ascii=False, separators=(",", ":")).encode()
    return digest(algorithm, b"\x00" + data)


def node_hash(algorithm: str, left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return digest(algorithm, b"\x01" + left + right)


def climbed(algorithm: str, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root an inclusion proof leads to (RFC 9162 §2.1.3.2).

    Raises:
        NotGenuine: the proof is longer or shorter than the tree allows.
    """
    if not 0 <= index < size:
        raise NotGenuine(f"叶 {index} 不在 {size} 个叶的树中")
    place, last, found = index, size - 1, leaf
    for hash_ in proof:
        if last == 0:
            raise NotGenuine("包含证明过长")
        if place % 2 or place == last:
            found = node_hash(algorithm, hash_, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(algorithm, found, hash_)
        place, last = place >> 1, last >> 1
    if last:
        raise NotGenuine("包含证明过短")
    return found


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that name a key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def written_key(name: str, public: bytes) -> str:
    """A public key as people keep it: name+id+base64."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def opened(note: str, key: str) -> Checkpoint:
    """The checkpoint of a signed note.

    Raises:
        NotGenuine: it is not signed by the key, or is no checkpoint.
    """
    body, _, _ = note.partition("\n\n")
    body += "\n"
    try:
        name, _, encoded = key.split("+", 2)
        public = base64.b64decode(encoded, validate=True)[1:]
        origin, size, root, at, *_ = [*body.split("\n"), ""]
        found = Checkpoint(origin, origin.rsplit("/", 1)[-1], int(size), base64.b64decode(root), at.removeprefix("at "))
    except ValueError as fault:
        raise NotGenuine("检查点或公钥无法读取") from fault
    for line in SIGNATURE.finditer(note):
        signed = base64.b64decode(line["text"])
        if line["name"] == name and signed[:4] == key_id(name, public):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signed[4:], body.encode())
            except (InvalidSignature, ValueError) as fault:
                raise NotGenuine("检查点的签名不正确") from fault
            return found
    raise NotGenuine("检查点不是用这个密钥签名的")


def check_receipt(receipt: Mapping[str, Any], key: str) -> Checkpoint:
    """Check that an event is in the sealed tree.

    Args:
        receipt: as downloaded; ``event`` (if there) is the canonical text its hash is taken of.
        key: the public key.

    Raises:
        NotGenuine: event, proof or signature does not hold.
    """
    text = receipt.get("event")
    if text is not None and hashlib.sha256(text.encode()).hexdigest() != receipt["hash"]:
        raise NotGenuine("事件内容与其校验值不一致")
    checkpoint = opened(receipt["checkpoint"], key)
    algorithm = checkpoint.algorithm
    leaf = leaf_hash(algorithm, receipt["source"], receipt["key"], receipt["hash"])
    proof = [bytes.fromhex(one) for one in receipt["proof"]]
    if climbed(algorithm, leaf, receipt["leaf"], checkpoint.size, proof) != checkpoint.root:
        raise NotGenuine("包含证明与签名的根不一致")
    return checkpoint


def check_package(files: Mapping[str, bytes], key: str | None = None) -> Iterator[str]:
    """What is wrong with an evidence package; nothing if all of it holds.

    Args:
        files: contents by name.
        key: the public key; that of the package if not given.
    """
    yield from _manifest(files)
    events = files.get("events.jsonl", b"").splitlines()
    yield from _chain(events)
    yield from _named(files, [json.loads(line) for line in events])
    trusted = key or files.get("seals/public_key", b"").decode().strip()
    sealed = {}
    for line in files.get("seals/receipts.jsonl", b"").splitlines():
        receipt = json.loads(line)
        sealed[receipt["key"]] = receipt["hash"]
        try:
            check_receipt(receipt, trusted)
        except (NotGenuine, KeyError, ValueError) as fault:
            yield f"回执 {receipt.get('key')}：{fault}"
    for line in events:
        event = json.loads(line)
        place = f"{event['case_id']}:{event['seq']}"
        if place in sealed and sealed[place] != hashlib.sha256(line).hexdigest():
            yield f"第 {event['seq']} 个事件与封存时不一致"


def _manifest(files: Mapping[str, bytes]) -> Iterator[str]:
    listed = json.loads(files.get("manifest.json", b'{"files": {}}'))["files"]
    if not listed:
        yield "没有清单 manifest.json"
    for name, stated in listed.items():
        if name not in files:
            yield f"缺少文件 {name}"
        elif hashlib.sha256(files[name]).hexdigest() != stated["sha256"]:
            yield f"文件 {name} 与清单的校验值不一致"
    for name in sorted(files.keys() - listed.keys() - {"manifest.json"}):
        yield f"文件 {name} 不在清单中"


def _chain(lines: Sequence[bytes]) -> Iterator[str]:
    before = GENESIS
    for number, line in enumerate(lines, 1):
        event = json.loads(line)
        if event["seq"] != number or event["prev_hash"] != before:
            yield f"第 {number} 个事件处事件链断开"
            return
        before = hashlib.sha256(line).hexdigest()
    if not lines:
        yield "没有事件 events.jsonl"


def _named(files: Mapping[str, bytes], events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Files under their own hashes, and everything the events name by hash."""
    for name, content in files.items():
        folder, _, rest = name.partition("/")
        if folder in ("forms", "attachments") and hashlib.sha256(content).hexdigest() != rest.split(".")[0]:
            yield f"文件 {name} 的内容与其名称中的校验值不一致"
    for event in events:
        if f"releases/{event['release_hash']}/process_id" not in files:
            yield f"缺少第 {event['seq']} 个事件依据的流程版本"
        elif release_hash(files, event["release_hash"]) != event["release_hash"]:
            yield f"第 {event['seq']} 个事件依据的流程版本被改动"
        for member in ("form_hash", "data_hash"):
            if event[member] and f"forms/{event[member]}.json" not in files:
                yield f"缺少第 {event['seq']} 个事件的表单 {event[member][:16]}"


def release_hash(files: Mapping[str, bytes], name: str) -> str:
    """The hash of a release's files in a package: process id, then names and contents, each with its length."""
    folder = f"releases/{name}/"
    bundle = {path.removeprefix(folder): text for path, text in files.items() if path.startswith(folder)}
    parts = [
        bundle.pop("process_id", b""),
        *(part for path in sorted(bundle) for part in (path.encode(), bundle[path])),
    ]
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def read(path: Path) -> dict[str, bytes]:
    """The files of a package, zipped or as a folder."""
    if path.is_dir():
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}


def main(arguments: Sequence[str]) -> int:
    """Check what the command line names; 0 genuine, 1 not, 2 not readable."""
    given = list(arguments)
    key = None
    if "--key" in given:
        place = given.index("--key")
        key = given[place + 1]
        del given[place : place + 2]
    if len(given) != 1:
        sys.stderr.write((__doc__ or "") + "\n")
        return 2
    path = Path(given[0])
    if path.suffix == ".json":
        receipt = json.loads(path.read_text("utf-8"))
        try:
            checkpoint = check_receipt(receipt, key or receipt["public_key"])
        except NotGenuine as fault:
            sys.stdout.write(f"✗ 不一致：{fault}\n")
            return 1
        sys.stdout.write(
            f"✓ 一致：{receipt['key']} 是 {checkpoint.size} 个叶中的第 {receipt['leaf']} 个，{checkpoint.at} 签名\n"
        )
        return 0
    wrong = list(check_package(read(path), key))
    sys.stdout.write(
        "".join(f"✗ {one}\n" for one in wrong) or "✓ 一致：文件、事件链、表单、流程版本、回执与签名均成立\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
