"""How the shop's services are started and stopped: the same for all of them.

The first line on standard output says where a service listens; it stops when it is told to, or when whoever started it
is gone.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from socketserver import BaseServer

POLL_SECONDS = 0.1


def parser(description: str, port: int) -> argparse.ArgumentParser:
    """The arguments that every service takes; ``port`` is its usual one."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    arguments.add_argument("--port", type=int, default=port, help=f"the port; 0 takes a free one (default: {port})")
    arguments.add_argument("--until-stdin-closes", action="store_true", help="stop when whoever started it is gone")
    return arguments


def serve(server: BaseServer, url: str, *, until_stdin_closes: bool) -> int:
    """Serve until interrupted, terminated or, if that is wanted, until standard input closes."""
    # shutdown() waits for serve_forever to return, so it must not run in the thread that serves.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    if until_stdin_closes:
        threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    print(f"listening on {url}", flush=True)
    try:
        server.serve_forever(poll_interval=POLL_SECONDS)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0
