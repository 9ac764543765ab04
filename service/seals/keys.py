"""Who signs the roots? A key in the data folder, never in the database; which kinds of signer there are."""

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.seals import verifier

#: The private key, readable by the service alone.
KEY_FILE = "seal_key"
#: Folder of what leaves the database: leaves, checkpoints, public key.
FOLDER = "seals"
PUBLIC_KEY_FILE = "public_key"


class SealKeyUnusable(RuntimeError):
    """The key file cannot be read or others can read it; the text says what to do."""


class Signer(Protocol):
    """Signs bytes under a name; a hardware module implements the same three members."""

    @property
    def name(self) -> str:
        """Name of the key, as in signature lines."""

    @property
    def public_key(self) -> str:
        """The public key as people keep it."""

    def signed(self, body: str) -> str:
        """The note: the body, an empty line, the signature line."""


@dataclass(frozen=True)
class Ed25519Signer:
    """Signs with an Ed25519 key."""

    key: Ed25519PrivateKey

    @property
    def _public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        """Name of the key; keys of different districts have different names."""
        return f"jiheng.local/seals/{sha256(self._public).hexdigest()[:8]}"

    @property
    def public_key(self) -> str:
        """The public key: name+id+base64."""
        return verifier.written_key(self.name, self._public)

    def signed(self, body: str) -> str:
        """The signed note (C2SP signed-note, type 0x01)."""
        text = base64.b64encode(verifier.key_id(self.name, self._public) + self.key.sign(body.encode())).decode()
        return f"{body}\n— {self.name} {text}\n"


def signer(data: Path, kind: str = "ed25519") -> Signer:
    """The signer of an installation; its key is made at the first use.

    Args:
        data: the data folder.
        kind: one of ``SIGNERS``.

    Raises:
        SealKeyUnusable: the file is damaged, or its rights let others read it.
    """
    return SIGNERS[kind](data / KEY_FILE)


def public_key(data: Path) -> str | None:
    """The public key of an installation; None before anything was sealed."""
    path = data / FOLDER / PUBLIC_KEY_FILE
    if path.exists():
        return path.read_text("ascii").strip()
    return signer(data).public_key if (data / KEY_FILE).exists() else None


def _ed25519(path: Path) -> Signer:
    try:
        raw = base64.b64decode(_kept(path), validate=True)
        return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(raw))
    except ValueError as fault:
        raise SealKeyUnusable(
            f"封存密钥 {path} 已损坏，请从备份恢复；没有备份时请移走该文件，重启后生成新密钥。"
        ) from fault


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise SealKeyUnusable(f"封存密钥 {path} 的权限过宽，请执行 chmod 600 后重启。") from None
        return path.read_text("ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode())
    return path.read_text("ascii")


#: Kinds of signers an installation may choose (JIHENG_SEAL_SIGNER).
SIGNERS: Mapping[str, Callable[[Path], Signer]] = MappingProxyType({"ed25519": _ed25519})
