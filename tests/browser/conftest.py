"""A served application and a Chromium whose console must stay silent."""

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import prepare
import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Where pages are kept to be looked at; git ignores it.
PICTURES = Path(__file__).parent / "output"


@dataclass
class Console:
    """What the browser complained about; `expected` holds parts of messages that a test provokes on purpose."""

    messages: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def unexpected(self) -> list[str]:
        return [message for message in self.messages if not any(part in message for part in self.expected)]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Address of the application, served by threads of this process on the test's own database."""
    server = make_server("127.0.0.1", 0, _without_open_files(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _without_open_files(app: Flask) -> "WSGIApplication":
    """The application with files read at once: this server forgets to close one when a page leaves amid its sending."""

    def read(file: IO[bytes], _size: int = 0) -> list[bytes]:
        with file:
            return [file.read()]

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return app(environ | {"wsgi.file_wrapper": read}, start_response)

    return serve


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    path = prepare.chromium()
    assert path, "没有找到 Chromium，请运行 scripts/test。No Chromium found; scripts/test installs it."
    # Chromium's own sandbox does not work for root, nor in most containers.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]
        )
        yield browser
        browser.close()


@pytest.fixture
def console() -> Console:
    """Collects what the browser's console says in this test."""
    return Console()


@pytest.fixture
def page(chromium: Browser, address: str, console: Console) -> Iterator[Page]:
    """A fresh browser page at an office screen's size; the test fails if its console shows an error."""
    context = chromium.new_context(
        base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
    )
    opened = context.new_page()
    watch(opened, console)
    opened.set_default_timeout(15_000)
    yield opened
    context.close()
    assert console.unexpected() == []


def watch(page: Page, console: Console) -> None:
    """Collect a page's console errors; for tests that open further pages."""

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            console.messages.append(f"{page.url}: {message.text}")

    page.on("console", said)
    page.on("pageerror", lambda error: console.messages.append(f"{page.url}: {error}"))


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page if JIHENG_PICTURES is set, for people to look at."""
    if os.environ.get("JIHENG_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
