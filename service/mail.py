"""How does a mail leave the house? By the installation's own server, over TLS, within a few seconds or not at all."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from urllib.parse import unquote, urlsplit

from service.config import BadSetting, Config

SECONDS = 10
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True)
class MailServer:
    """Where mails go out: smtp starts TLS, smtps begins with it, smtp+plain (inside the house only) has none."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str


def server(config: Config) -> MailServer | None:
    """The installation's mail server; None if it has none.

    Raises:
        BadSetting: the address cannot be read, or nobody is named as sender.
    """
    if not config.smtp_url:
        return None
    read = urlsplit(config.smtp_url)
    if read.scheme not in _PORTS or not read.hostname:
        raise BadSetting("JIHENG_SMTP_URL 应形如 smtp://用户:口令@主机:587 或 smtps://主机:465。Not an SMTP address.")
    if "@" not in config.smtp_from:
        raise BadSetting("JIHENG_SMTP_FROM 应为发件人邮箱地址。JIHENG_SMTP_FROM must be a mail address.")
    user, password = unquote(read.username or ""), unquote(read.password or "")
    return MailServer(read.scheme, read.hostname, read.port or _PORTS[read.scheme], user, password, config.smtp_from)


def send(way: MailServer, to: str, subject: str, text: str, *, number: int) -> None:
    """Send one mail.

    Args:
        number: of the outbox row; the same mail sent again has the same Message-ID, so that it can be told apart.

    Raises:
        OSError, smtplib.SMTPException: the server cannot be reached or refuses.
    """
    message = EmailMessage()
    message["From"], message["To"] = way.sender, to
    message["Subject"] = " ".join(subject.split())
    message["Message-ID"] = make_msgid(domain=way.sender.rpartition("@")[2]).replace("<", f"<jiheng.{number}.", 1)
    message["X-Jiheng-Delivery"] = str(number)
    message.set_content(text)
    with _connected(way) as connection:
        if way.user:
            connection.login(way.user, way.password)
        connection.send_message(message)


def _connected(way: MailServer) -> Any:
    trust = ssl.create_default_context()
    if way.scheme == "smtps":
        return smtplib.SMTP_SSL(way.host, way.port, timeout=SECONDS, context=trust)
    connection = smtplib.SMTP(way.host, way.port, timeout=SECONDS)
    if way.scheme == "smtp":
        connection.starttls(context=trust)
    return connection
