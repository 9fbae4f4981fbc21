"""Makes the recorded callers of this example again: ``python make_callers.py`` (needs Debian's ``flite``)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).parent


def main() -> int:
    """Speak every caller of ``callers.yaml`` that is not a recording of something else."""
    if shutil.which("flite") is None:
        print("flite is not installed; on Debian: apt-get install flite")
        return 1
    for caller in yaml.safe_load((HERE / "callers.yaml").read_text(encoding="utf-8"))["callers"]:
        target = HERE / caller["file"]
        subprocess.run(["flite", "-voice", caller["voice"], "-t", caller["text"], "-o", str(target)], check=True)
        print(f"{target.name}: {caller['text']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
