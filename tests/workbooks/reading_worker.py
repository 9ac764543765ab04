"""A worker process that reads every file named on its input, one after the other, and says how each one ended."""

import json
import resource
import sys
import time
from pathlib import Path

from service.workbooks import WorkbookRefused, read_declarations


def main():
    for line in sys.stdin:
        started, before = time.monotonic(), _own_mebibytes()
        try:
            said = f"read {len(read_declarations(Path(line.strip()).read_bytes(), template='CLASSIC_2020').rows)}"
        except WorkbookRefused as refusal:
            said = refusal.detail
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        end = {"said": said, "seconds": time.monotonic() - started, "child": child, "grown": _own_mebibytes() - before}
        sys.stdout.write(json.dumps(end, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _own_mebibytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
