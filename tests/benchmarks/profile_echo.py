"""Where the time of a frame goes in the media transport alone: the echo of ``aicc bench``, under cProfile.

    taskset -c 0 python -m tests.benchmarks.profile_echo PROFILE     # says its address; end it with Ctrl-C

Put load on it meanwhile from another core. What was found is written to PROFILE, by time of its own. The absolute times
are about twice too long, the shares hold.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import sys
from contextlib import suppress
from pathlib import Path

import uvloop

from gateway.commands.bench.echo import serve_door


def main(found: Path) -> None:
    """Serve until interrupted, then write what was found."""
    profile = cProfile.Profile()
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, profile:
        runner.run(serve_door())
    with found.open("w") as file:
        pstats.Stats(profile, stream=file).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
