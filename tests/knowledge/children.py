"""A child process for the tests of ``knowledge.child``."""

from __future__ import annotations

import os
import signal
import sys
import time

from knowledge.child import Message, serve


def answer(message: Message) -> Message:
    match message["do"]:
        case "print":
            print("noise")
            return {"done": True}
        case "die":
            sys.exit("farewell")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(60)
        case "environment":
            return {"value": os.environ.get(message["name"])}
    return {"text": message["text"], "pid": os.getpid()}


if __name__ == "__main__":
    serve(answer)
