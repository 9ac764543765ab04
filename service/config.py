"""Which settings does an installation have? All of them, with defaults; README lists the same names."""

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from db import server

CHECKOUT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32


class BadSetting(ValueError):
    """A setting is missing or unusable; the text names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of one process; each is read from the environment variable named beside it."""

    #: JIHENG_DATA: folder of the embedded database, attachments and keys.
    data: Path
    #: JIHENG_DATABASE_URL: PostgreSQL to use instead of the embedded one (the application's role).
    database_url: str
    #: JIHENG_OWNER_DATABASE_URL: the same database as the owner of its tables, for migrations only.
    owner_database_url: str
    #: JIHENG_SCHEMA: schema of this district, if it is not the role's own.
    schema: str | None = None
    #: JIHENG_SECRET_KEY: signs cookies and form tokens; made in the data folder if not given.
    secret_key: str = field(repr=False)
    #: JIHENG_HTTPS: 1 behind a TLS proxy: cookies only over HTTPS, strict transport.
    https: bool = False
    #: JIHENG_PROXIES: number of reverse proxies in front whose forwarded headers are believed.
    proxies: int = 0
    #: JIHENG_MAX_UPLOAD: greatest size of a request, bytes.
    max_upload: int = 30 * 1024 * 1024
    #: JIHENG_POOL: database connections a process keeps open.
    pool: int = 8
    #: JIHENG_DEMO_PASSWORD: password of all demo accounts; generated if not given.
    demo_password: str | None = field(default=None, repr=False)
    #: JIHENG_PASSWORD_PROFILE: rules for passwords, mlps3 (等保三级) or asvs (OWASP ASVS).
    password_profile: str = "mlps3"
    #: JIHENG_SEAL_HASH: hash of the tree over all events, sha256 or sm3.
    seal_hash: str = "sha256"
    #: JIHENG_SEAL_SIGNER: who signs its roots, ed25519.
    seal_signer: str = "ed25519"
    #: JIHENG_LOG: level of the log on standard error.
    log: str = "INFO"
    #: JIHENG_PUBLIC_URL: the address people use, for links in mails and robots' messages.
    public_url: str = ""
    #: JIHENG_SMTP_URL: the server mails go out by, smtp://user:password@host:587 or smtps://…; none are sent without it.
    smtp_url: str = field(default="", repr=False)
    #: JIHENG_SMTP_FROM: the address mails come from.
    smtp_from: str = ""
    #: JIHENG_WEBHOOK_URL: the robot of the office's chat, https://…; none is called without it.
    webhook_url: str = field(default="", repr=False)
    #: JIHENG_WEBHOOK_SECRET: signs the calls of the robot (HMAC-SHA256).
    webhook_secret: str = field(default="", repr=False)
    #: JIHENG_WEBHOOK_SHAPE: what the robot reads: plain, wecom (企业微信) or dingtalk (钉钉).
    webhook_shape: str = "plain"
    #: JIHENG_WEBHOOK_HOSTS: hosts a robot may live at, separated by commas.
    webhook_hosts: tuple[str, ...] = ("qyapi.weixin.qq.com", "oapi.dingtalk.com")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, *, data: Path | None = None) -> Self:
        """Settings from the environment; `data` (the --data option) goes before JIHENG_DATA.

        Raises:
            BadSetting: no database is known, or a value cannot be used.
        """
        given = os.environ if environment is None else environment
        folder = data or data_folder(given)
        application, owner = _addresses(given, folder / "postgres")
        return cls(
            data=folder,
            database_url=application,
            owner_database_url=owner,
            schema=given.get("JIHENG_SCHEMA") or None,
            secret_key=_secret_key(given, folder),
            https=given.get("JIHENG_HTTPS", "0") == "1",
            proxies=_number(given, "JIHENG_PROXIES", 0),
            max_upload=_number(given, "JIHENG_MAX_UPLOAD", cls.max_upload),
            pool=_number(given, "JIHENG_POOL", cls.pool),
            demo_password=given.get("JIHENG_DEMO_PASSWORD") or None,
            password_profile=_choice(given, "JIHENG_PASSWORD_PROFILE", ("mlps3", "asvs")),
            seal_hash=_available_hash(_choice(given, "JIHENG_SEAL_HASH", ("sha256", "sm3"))),
            seal_signer=_choice(given, "JIHENG_SEAL_SIGNER", ("ed25519",)),
            log=given.get("JIHENG_LOG", cls.log).upper(),
            **_ways(given, cls.webhook_hosts),
        )


def data_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The data folder without --data: JIHENG_DATA, else `var/` in the checkout."""
    given = os.environ if environment is None else environment
    return Path(given.get("JIHENG_DATA") or CHECKOUT / "var").absolute()


def _ways(given: Mapping[str, str], hosts: tuple[str, ...]) -> dict[str, Any]:
    """The settings of mail and robot; nothing goes out where they are not given."""
    named = [host.strip().lower() for host in given.get("JIHENG_WEBHOOK_HOSTS", "").split(",")]
    return {
        "public_url": given.get("JIHENG_PUBLIC_URL", "").rstrip("/"),
        "smtp_url": given.get("JIHENG_SMTP_URL", ""),
        "smtp_from": given.get("JIHENG_SMTP_FROM", ""),
        "webhook_url": given.get("JIHENG_WEBHOOK_URL", ""),
        "webhook_secret": given.get("JIHENG_WEBHOOK_SECRET", ""),
        "webhook_shape": _choice(given, "JIHENG_WEBHOOK_SHAPE", ("plain", "wecom", "dingtalk")),
        "webhook_hosts": tuple(host for host in named if host) or hosts,
    }


def _addresses(given: Mapping[str, str], home: Path) -> tuple[str, str]:
    url = given.get("JIHENG_DATABASE_URL")
    if url:
        return url, given.get("JIHENG_OWNER_DATABASE_URL") or url
    application, owner = server.address(home), server.address(home, server.OWNER)
    if application is None or owner is None:
        raise BadSetting(
            f"没有数据库：{home} 中没有内置数据库，也没有设置 JIHENG_DATABASE_URL。请先运行 scripts/run。"
            " No database: run scripts/run first, or set JIHENG_DATABASE_URL."
        )
    return application, owner


def _secret_key(given: Mapping[str, str], folder: Path) -> str:
    key = given.get("JIHENG_SECRET_KEY")
    if key is None:
        key = _kept_secret(folder / "secret_key")
    if len(key) < SHORTEST_SECRET:
        raise BadSetting(
            f"JIHENG_SECRET_KEY 太短：至少 {SHORTEST_SECRET} 个字符。JIHENG_SECRET_KEY needs {SHORTEST_SECRET} characters."
        )
    return key


def _kept_secret(path: Path) -> str:
    if path.exists():
        return path.read_text(encoding="ascii")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written whole under a name of its own: of two processes that start together one would read an empty file.
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(mine, path)
    except FileExistsError:
        pass  # the other one's is everybody's
    finally:
        mine.unlink()
    return path.read_text(encoding="ascii")


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = given.get(name) or choices[0]
    if value not in choices:
        raise BadSetting(f"{name} 应为 {'、'.join(choices)} 之一，现为“{value}”。{name} must be one of {choices}.")
    return value


def _available_hash(name: str) -> str:
    try:
        hashlib.new(name)
    except ValueError as fault:
        raise BadSetting(
            f"JIHENG_SEAL_HASH 选择了 {name}，但本机的 OpenSSL 不提供。请安装提供该算法的 OpenSSL，或改回 sha256。"
            f" This machine's OpenSSL has no {name}."
        ) from fault
    return name


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name)
    if not text:
        return default
    if not text.isdecimal():
        raise BadSetting(f"{name} 应为非负整数，现为“{text}”。{name} must be a whole number.")
    return int(text)
