"""What does a decision answer for these values? Asked in a bounded process of its own; run as a program it is that process.

The program reads `{"text": base64, "filename", "decision", "inputs"}` from standard input, inputs being JSON text, and
writes the trial as JSON.
"""

import base64
import json
import os
import subprocess
import sys
from typing import Any

from service import decision_tables
from service.errors import BadRequest
from service.release_check import LARGEST, environment
from service.release_checker import limit

_SECONDS = 20
_STOPPED = "决策过于复杂，未能在规定的时间和内存内得出结论，请精简。"


def ask(text: bytes, filename: str, decision: str | None, inputs: str) -> dict[str, Any]:
    """Try a decision of a file with values, whoever wrote it; what came of it as plain JSON (see `Trial.to_json`).

    Args:
        inputs: a JSON object of values by name.

    Raises:
        BadRequest: the file is too large, the values are no JSON object, or the limits were reached.
    """
    if len(text) > LARGEST:
        raise BadRequest(f"文件超过 {LARGEST // 2**20} MiB。")
    decision_tables.read_inputs(inputs.encode())
    asked = {"text": base64.b64encode(text).decode(), "filename": filename, "decision": decision, "inputs": inputs}
    command = [sys.executable, "-P", "-m", "service.decision_trial"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the file is only its input
            command,
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=_SECONDS,
            env=environment(),
            check=False,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise BadRequest(_STOPPED) from None
    return found


def main() -> None:
    """Answer the one question of standard input."""
    asked = json.loads(sys.stdin.buffer.read())
    limit()
    inputs = decision_tables.read_inputs(asked["inputs"].encode())
    text = base64.b64decode(asked["text"])
    trial = decision_tables.try_decision(text, asked["filename"], asked["decision"] or None, inputs)
    os.write(1, decision_tables.json_text(trial.to_json()).encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
