"""Runs the sections of the bench and prints the report; exit status 1 if a budget is missed by more than noise."""

import argparse
import os
import platform
import sys
import time

from bench_harness import THREADS, WORKERS, Bench, Outcome, opened
from bench_sections import SECTIONS


def main() -> int:
    arguments = _arguments()
    began = time.monotonic()
    print(
        f"{platform.platform()} · Python {platform.python_version()} · {os.cpu_count()} cores · {WORKERS}×{THREADS} threads"
    )
    missed = 0
    with opened(quick=arguments.quick) as bench:
        for name in arguments.sections or SECTIONS:
            print(f"\n{name} …", flush=True)
            for outcome in SECTIONS[name](bench):
                print(_line(outcome, bench), flush=True)
                missed += outcome.missed
    print(f"\n{missed} budgets missed · {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, under 60 s")
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="only these")
    return parser.parse_args()


def _line(outcome: Outcome, bench: Bench) -> str:
    sign = "≤" if outcome.less_is_better else "≥"
    noise = f" ± {outcome.noise:.2g}" if outcome.noise else ""
    against = ""
    if outcome.seconds is not None and outcome.unit != "×":
        against = f" · {outcome.seconds / bench.baseline_seconds():.3g} × baseline request"
    verdict = "✗ missed" if outcome.missed else "✓"
    head = (
        f"  {verdict} {outcome.name}: {outcome.value:,.4g}{noise} {outcome.unit} ({sign} {outcome.budget:,g}){against}"
    )
    return "\n".join([head, *(f"      {remark}" for remark in outcome.remarks)])


if __name__ == "__main__":
    sys.exit(main())
