"""Sets everything up: Python packages, Node, the pages' build, Chromium and a Chinese font. Only the standard library.

Each part leaves a stamp with the hash of what it was made from, so a second run has nothing to do.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UI = ROOT / "service" / "ui"
DIST = ROOT / "service" / "web" / "static" / "dist"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ready(*, develop: bool = False, browser: bool = False) -> None:
    """Bring the checkout to the state its lock files and sources describe.

    Args:
        develop: with the tools of scripts/test and scripts/check.
        browser: with Chromium and a Chinese font, for the browser tests.
    """
    _python_or_other()
    os.chdir(ROOT)
    with _alone():
        _packages(develop)
        _pages()
        _words()
        if browser:
            _browser()


def tool(name: str) -> str:
    """Path of a command inside the checkout's virtual environment."""
    return str(VENV / "bin" / name)


def node_environment() -> dict:
    """The environment in which node and npm are found, whether the system's or the virtual environment's."""
    if _system_node():
        return dict(os.environ)
    return {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def chromium():
    """Path of a Chromium on this machine, or None."""
    return next((found for found in map(shutil.which, CHROMIUM) if found), None)


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)


def stop(text: str) -> None:
    """End with a sentence that says what to do."""
    raise SystemExit(f"\n✗ {text}")


def _python_or_other() -> None:
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(20, OLDEST_PYTHON[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other, *sys.argv])
    stop("需要 Python 3.11 或更高版本，请安装后重试。Python 3.11 or later is needed.")


@contextmanager
def _alone():
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _packages(develop: bool) -> None:
    made = _mark(ROOT / "requirements.lock", ROOT / "pyproject.toml", extra=f"{ROOT} {sys.version_info[:2]}")
    full = _mark(ROOT / "requirements-dev.lock", extra=made)
    known = _read(VENV / "jiheng.stamp")
    if (VENV / "bin" / "python").exists() and (known == full or (known == made and not develop)):
        return
    develop = develop or (VENV / "bin" / "pytest").exists()
    if not _works(VENV / "bin" / "python"):
        _step("建立 Python 环境 · making .venv", _make_venv)
    lock = "requirements-dev.lock" if develop else "requirements.lock"
    install = [tool("python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"]
    _step(
        f"安装 Python 依赖（首次约一分钟）· installing {lock}",
        lambda: _run([*install, "--require-hashes", "-r", lock]),
    )
    # The old way of editable installs is one line in a .pth: new modules and mypy need nothing more.
    editable = ["--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", "."]
    _step("安装 jiheng 命令 · installing the command jiheng", lambda: _run([*install, *editable]))
    (VENV / "jiheng.stamp").write_text(full if develop else made)


def _make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode and _may_install():
        _apt(f"python3.{sys.version_info[1]}-venv")
        shutil.rmtree(VENV, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        stop(
            "不能建立 Python 虚拟环境，请安装 python3-venv 后重试。"
            f"Cannot make a virtual environment; install python3-venv.\n{made.stdout}{made.stderr}"
        )


def _works(python: Path) -> bool:
    try:
        asked = "import sys; print(sys.version_info[:2] >= (3, 11))"
        found = subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, text=True)
        return found.returncode == 0 and "True" in subprocess.check_output([str(python), "-c", asked], text=True)
    except OSError:
        return False


def _pages() -> None:
    packages = _mark(UI / "package-lock.json", UI / ".npmrc")
    sources = [path for path in UI.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    build = _mark(*sorted(sources))
    if _read(DIST / "stamp") == build and (DIST / "manifest.json").exists():
        return
    if not _system_node() and not (VENV / "bin" / "npm").exists():
        pip = [tool("python"), "-m", "pip", "install", "--disable-pip-version-check", "-q", "--require-hashes"]
        _step("安装 Node · installing Node", lambda: _run([*pip, "-r", "requirements-node.lock"]))
    environment = node_environment()
    stamp = UI / "node_modules" / "jiheng.stamp"
    if _read(stamp) != packages:
        _step(
            "安装页面依赖（首次约半分钟）· npm ci",
            lambda: _run(["npm", "ci", "--silent", "--no-progress"], cwd=UI, env=environment),
        )
        stamp.write_text(packages)
    _step("构建页面资源 · vite build", lambda: _run(["npm", "run", "--silent", "build"], cwd=UI, env=environment))
    (DIST / "stamp").write_text(build)


def _words() -> None:
    """Compile the pages' English; git keeps its source only."""
    source = ROOT / "service" / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    built = source.with_suffix(".mo")
    if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
        _run([tool("pybabel"), "-q", "compile", "-i", source, "-o", built, "-l", "en"])


def _system_node() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    return numbers >= OLDEST_NODE


def _browser() -> None:
    missing = [] if chromium() else ["chromium"]
    if not _chinese_font():
        missing.append("fonts-noto-cjk")
    if not missing:
        return
    if not _may_install():
        stop(
            f"浏览器测试需要 {'、'.join(missing)}，而这里不能自动安装（需要 root 和 apt）。请先安装。"
            f" The browser tests need {' and '.join(missing)}; install them first (no root or no apt here)."
        )
    _step(f"安装 {' '.join(missing)} · apt-get install", lambda: _apt(*missing))


def _chinese_font() -> bool:
    if shutil.which("fc-list"):
        return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True).stdout.strip())
    folders = (Path("/usr/share/fonts"), Path.home() / ".fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    return any("CJK" in path.name or "PingFang" in path.name for folder in folders for path in folder.rglob("*.tt[cf]"))


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(*packages: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], env=environment)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=environment)


def _step(text: str, work) -> None:
    say(f"· {text} …")
    began = time.monotonic()
    work()
    say(f"  完成 · done（{time.monotonic() - began:.1f} s）")


def _run(command: list, **options) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        output = f"{done.stdout}\n{done.stderr}".strip()[-4000:]
        stop(f"{' '.join(command[:6])} … 失败，退出码 {done.returncode}。The command failed:\n{output}")


def _mark(*files: Path, extra: str = "") -> str:
    content = [(str(path.relative_to(ROOT)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    return hashlib.sha256(json.dumps([content, extra]).encode()).hexdigest()


def _read(path: Path):
    return path.read_text() if path.exists() else None
