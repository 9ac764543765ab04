"""Do mails and calls of the robot leave the house as they were set, at least once, and never to the inside?"""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from db.event import Outbox
from service import deliveries, mail, webhook
from service.config import BadSetting, Config
from service.webhook import NotDelivered, Robot

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
FACTS = {"title": "职业技能培训", "number": "绩目〔2027〕0123", "node": "单位填报", "by": "赵敏", "verb": "退回"}
URL = "https://oapi.dingtalk.com/robot/send?access_token=x"


def robot(**values) -> Robot:
    stated = {"url": URL, "shape": "dingtalk", "secret": "SEC1", "hosts": ("oapi.dingtalk.com",)}
    return Robot(**{**stated, **values})


def waiting(session, **values) -> Outbox:
    payload = {"person": "p", "kind": "returned", "facts": {**FACTS, "reason": "依据不足"}, "to": "a@example.cn"}
    row = Outbox(kind="mail", key="mail:1", payload=payload, created_at=AT, **values)
    session.add(row)
    session.flush()
    return row


def test_a_message_says_what_happened_and_where_to_look(session):
    said = deliveries.text(waiting(session).payload, "https://jx.example.gov.cn/notices")

    assert said.splitlines() == [
        "【绩衡】退回给我：职业技能培训（绩目〔2027〕0123）单位填报，赵敏退回。",
        "依据不足",
        "https://jx.example.gov.cn/notices",
    ]


def test_what_was_sent_is_not_sent_again(session):
    row, sent = waiting(session), []
    for _ in range(2):
        deliveries.send_due(session, {"mail": lambda one, at: sent.append(one.id)}, AT)
        session.flush()

    assert sent == [row.id]
    assert row.sent_at == AT


def test_a_failure_waits_longer_each_time_and_is_given_up_with_its_reason(session):
    row, at = waiting(session), AT

    def fail(one, now):
        raise OSError("no route")

    deliveries.send_due(session, {"mail": fail}, at)
    assert (row.attempts, row.sent_at, row.next_at) == (1, None, AT + timedelta(seconds=10))
    deliveries.send_due(session, {"mail": fail}, AT + timedelta(seconds=9))
    assert row.attempts == 1, "not before its time"
    for _ in deliveries.WAITS:
        session.flush()
        at = row.next_at
        deliveries.send_due(session, {"mail": fail}, at)
    assert (row.attempts, row.sent_at, row.error) == (len(deliveries.WAITS) + 1, at, "no route")


def test_nothing_leaves_an_installation_without_server_and_robot(session, config):
    row = waiting(session)
    deliveries.sender(config)(session, AT)

    assert (row.attempts, row.sent_at) == (0, None)


def test_a_mail_carries_the_number_by_which_a_second_one_is_known(monkeypatch):
    sent = []

    class Server:
        def __init__(self, host, port, timeout):
            assert (host, port, timeout) == ("mail.example.cn", 587, mail.SECONDS)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def starttls(self, context):
            assert context.check_hostname

        def login(self, user, password):
            assert (user, password) == ("u", "p@ss")

        def send_message(self, message):
            sent.append(message)

    monkeypatch.setattr(mail.smtplib, "SMTP", Server)
    environment = {
        "JIHENG_DATABASE_URL": "postgresql://x/y",
        "JIHENG_SMTP_URL": "smtp://u:p%40ss@mail.example.cn",
        "JIHENG_SMTP_FROM": "jx@example.cn",
        "JIHENG_SECRET_KEY": "x" * 40,
    }
    way = mail.server(Config.from_environment(environment))
    mail.send(way, "a@example.cn", "退回\n给我", "正文", number=7)

    assert (sent[0]["To"], sent[0]["Subject"], sent[0]["X-Jiheng-Delivery"]) == ("a@example.cn", "退回 给我", "7")
    assert sent[0].get_content().strip() == "正文"


def test_dingtalk_is_signed_as_it_asks():
    path, _ = webhook.signed(robot(), b"{}", AT)
    asked = parse_qs(urlsplit(path).query)
    stamp = asked["timestamp"][0]

    expected = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert (asked["access_token"], base64.b64decode(asked["sign"][0])) == (["x"], expected)


def test_a_plain_call_is_signed_over_instant_and_content():
    content = webhook.body("plain", "文", {"kind": "task"}, 3)
    _, headers = webhook.signed(robot(shape="plain"), content, AT)

    signed = headers["X-Jiheng-Timestamp"].encode() + b"." + content
    assert headers["X-Jiheng-Signature"] == hmac.new(b"SEC1", signed, hashlib.sha256).hexdigest()
    assert json.loads(content) == {"id": 3, "text": "文", "kind": "task"}
    assert json.loads(webhook.body("wecom", "文", {}, 3)) == {"msgtype": "text", "text": {"content": "文"}}


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "127.0.0.1",
        "169.254.169.254",
        "192.168.0.9",
        "100.64.0.1",
        "::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",
    ],
)
def test_an_address_inside_is_refused_even_beside_a_public_one(address):
    with pytest.raises(NotDelivered, match="内网或保留"):
        webhook.call(robot(), b"{}", number=1, at=AT, resolve=lambda host: ["8.8.8.8", address])


@pytest.mark.parametrize(
    "url, why",
    [
        ("http://oapi.dingtalk.com/x", "https"),
        ("https://oapi.dingtalk.com:8443/x", "443"),
        ("https://u@oapi.dingtalk.com/x", "https"),
        ("https://oapi.dingtalk.com.evil.example/x", "名单"),
        ("https://10.0.0.1/x", "名单"),
        ("https://[::1/x", "读取"),
    ],
)
def test_a_host_that_was_not_allowed_is_never_called(url, why):
    with pytest.raises(NotDelivered, match=why):
        webhook.call(robot(url=url), b"{}", number=1, at=AT, resolve=lambda host: ["8.8.8.8"])


@pytest.mark.parametrize(
    "status, said, why", [(302, b"", "HTTP 302"), (500, b"", "HTTP 500"), (200, b'{"errcode": 310000}', "310000")]
)
def test_redirects_and_refusals_are_no_delivery(monkeypatch, status, said, why):
    asked = []

    class Connection:
        def __init__(self, host, port, address):
            asked.append((host, port, address))

        def request(self, method, path, body, headers):
            asked.append((method, headers["X-Jiheng-Delivery"]))

        def getresponse(self):
            self.status = status
            return self

        def read(self, most):
            return said

        def close(self):
            asked.append("closed")

    monkeypatch.setattr(webhook, "_Pinned", Connection)
    with pytest.raises(NotDelivered, match=why):
        webhook.call(robot(), b"{}", number=5, at=AT, resolve=lambda host: ["8.8.8.8"])
    assert asked == [("oapi.dingtalk.com", 443, "8.8.8.8"), ("POST", "5"), "closed"]


def test_wrong_settings_are_named_before_anything_is_sent(config):
    with pytest.raises(BadSetting, match="JIHENG_SMTP_FROM"):
        deliveries.sender(_with(config, smtp_url="smtp://mail.example.cn"))
    with pytest.raises(BadSetting, match="名单"):
        deliveries.sender(_with(config, webhook_url="https://evil.example/x"))
    with pytest.raises(BadSetting, match="JIHENG_WEBHOOK_SECRET"):
        deliveries.sender(_with(config, webhook_url=URL))


def _with(config: Config, **values) -> Config:
    return type(config)(**{**vars(config), **values})


def test_the_queue_keeps_its_order(session):
    first = waiting(session)
    session.add(Outbox(kind="mail", key="mail:2", payload=first.payload, created_at=AT))
    session.flush()
    sent = []
    deliveries.send_due(session, {"mail": lambda one, at: sent.append(one.key)}, AT)

    assert sent == list(session.scalars(select(Outbox.key).order_by(Outbox.id)))
