"""How is a robot of the office's chat called? Only at hosts that were allowed, signed, and never on the way inside.

The name is resolved once, every address of it must be public, and the call goes to that very address; a redirect is
refused, and five seconds are enough.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from service.config import BadSetting, Config

SECONDS = 5
#: A robot says little; whatever is longer is not read.
LONGEST_ANSWER = 10_000
_HTTPS = 443
#: Resolves a host to its addresses; tests give their own.
Resolve = Callable[[str], Sequence[str]]


class NotDelivered(Exception):
    """The robot could not be called, or did not take the message; the text says why."""


@dataclass(frozen=True)
class Robot:
    """A robot: its address, what it reads (plain, wecom or dingtalk), and the secret its calls are signed with."""

    url: str = field(repr=False)
    shape: str
    secret: str = field(repr=False)
    hosts: tuple[str, ...]


def robot(config: Config) -> Robot | None:
    """The installation's robot; None if it has none.

    Raises:
        BadSetting: the address is not https, its host is not allowed, or nothing signs the calls of a plain one.
    """
    if not config.webhook_url:
        return None
    found = Robot(config.webhook_url, config.webhook_shape, config.webhook_secret, config.webhook_hosts)
    fault = _fault(found)
    if fault:
        raise BadSetting(f"JIHENG_WEBHOOK_URL：{fault}")
    if found.shape == "plain" and not found.secret:
        raise BadSetting("JIHENG_WEBHOOK_SECRET 未设置：通用推送须签名。A plain webhook needs JIHENG_WEBHOOK_SECRET.")
    return found


def body(shape: str, text: str, payload: Mapping[str, Any], number: int) -> bytes:
    """The content of a call in the shape the robot reads: a line of text for chats, everything for a plain one."""
    if shape in ("wecom", "dingtalk"):
        content: dict[str, Any] = {"msgtype": "text", "text": {"content": text}}
    else:
        content = {"id": number, "text": text, **payload}
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def signed(way: Robot, content: bytes, at: datetime) -> tuple[str, dict[str, str]]:
    """Path and headers of a call, signed.

    A plain robot gets HMAC-SHA256 over instant, a dot and the content in the header ``X-Jiheng-Signature``; DingTalk's
    takes its own over instant and secret in the address; WeCom's has its key in the address and takes none.
    """
    read = urlsplit(way.url)
    path = f"{read.path or '/'}{'?' + read.query if read.query else ''}"
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "jiheng"}
    key, milliseconds = way.secret.encode(), str(int(at.timestamp() * 1000))
    if way.shape == "dingtalk" and way.secret:
        sign = base64.b64encode(hmac.digest(key, f"{milliseconds}\n{way.secret}".encode(), hashlib.sha256)).decode()
        path += f"{'&' if read.query else '?'}timestamp={milliseconds}&sign={quote(sign, safe='')}"
    elif way.shape == "plain":
        headers["X-Jiheng-Timestamp"] = milliseconds
        headers["X-Jiheng-Signature"] = hmac.digest(key, milliseconds.encode() + b"." + content, hashlib.sha256).hex()
    return path, headers


def call(way: Robot, content: bytes, *, number: int, at: datetime, resolve: Resolve | None = None) -> None:
    """Call a robot once.

    Args:
        number: of the outbox row; the same call again carries the same, so that the robot can drop it.

    Raises:
        NotDelivered: the address is refused, cannot be reached, or the robot did not take the message.
    """
    fault = _fault(way)
    if fault:
        raise NotDelivered(fault)
    path, headers = signed(way, content, at)
    headers["X-Jiheng-Delivery"] = str(number)
    host, port = urlsplit(way.url).hostname or "", urlsplit(way.url).port or _HTTPS
    connection = _Pinned(host, port, public_address(host, resolve or _resolved))
    try:
        connection.request("POST", path, body=content, headers=headers)
        answer = connection.getresponse()
        said = answer.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"机器人无法访问：{type(error).__name__}") from error
    finally:
        connection.close()
    _require_taken(answer.status, said)


def public_address(host: str, resolve: Resolve) -> str:
    """The address to call, after all of the host's addresses were looked at.

    Raises:
        NotDelivered: the host is unknown, or one of its addresses lies inside (private, loopback, link-local …).
    """
    try:
        found = [ipaddress.ip_address(text) for text in resolve(host)]
    except (OSError, ValueError) as error:
        raise NotDelivered(f"无法解析机器人的主机名 {host}") from error
    if not found or not all(address.is_global and not address.is_multicast for address in found):
        raise NotDelivered(f"机器人的主机 {host} 指向内网或保留地址，已拒绝")
    return str(found[0])


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, whose certificate must be that of the name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=SECONDS, context=ssl.create_default_context())
        self._address, self._trust = address, ssl.create_default_context()

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


def _fault(way: Robot) -> str | None:
    try:
        read = urlsplit(way.url)
        port = read.port or _HTTPS
    except ValueError:
        return "地址无法读取。The address cannot be read."
    if read.scheme != "https" or read.username or read.password or port != _HTTPS:
        return "须为 https 地址，使用 443 端口，不含用户名。Only plain https addresses on port 443."
    if read.hostname not in way.hosts:
        return f"主机 {read.hostname} 不在 JIHENG_WEBHOOK_HOSTS 名单中。The host is not allowed."
    return None


def _resolved(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, _HTTPS, type=socket.SOCK_STREAM)]


def _require_taken(status: int, said: bytes) -> None:
    if not 200 <= status < 300:
        raise NotDelivered(f"机器人未接受：HTTP {status}")
    try:
        read = json.loads(said or b"{}")
    except ValueError:
        return  # a plain receiver need not answer in JSON
    if isinstance(read, dict) and read.get("errcode", 0) != 0:
        raise NotDelivered(f"机器人未接受：errcode {read['errcode']}")
