"""All benchmarks, one after the other: ``python -m tests.benchmarks [NAME …]``. None of them is a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def main() -> int:
    """Run those that are named, or all; how many failed."""
    wanted = sys.argv[1:] or NAMES
    if unknown := set(wanted) - set(NAMES):
        print(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
        return 2
    failed = []
    for name in wanted:
        print(f"\n=== {name} " + "=" * (70 - len(name)), flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.benchmarks.bench_{name}"], check=False).returncode:
            failed.append(name)
    print(f"\n{len(wanted) - len(failed)} of {len(wanted)} benchmarks ran" + (f"; failed: {failed}" if failed else ""))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
