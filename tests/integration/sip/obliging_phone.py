"""A telephone that answers everybody, does what it is asked to (REFER), and says what happens: a process of its own.

``python -m tests.integration.sip.obliging_phone PORT`` writes a line of JSON for each event of a call.
"""

from __future__ import annotations

import asyncio
import json
import sys

from baresip import Account, Call, Config, Event, Runtime, StackEvent, UserAgent

HOST = "127.0.0.1"
TOLD = {Event.CALL_INCOMING, Event.CALL_ESTABLISHED, Event.CALL_CLOSED, Event.CALL_TRANSFER, Event.CALL_OUTGOING}


def tell(event: StackEvent) -> None:
    if event.event in TOLD:
        line = {"event": event.event.name, "peer": event.peer, "text": event.text}
        print(json.dumps(line), flush=True)


async def main(port: int) -> None:
    runtime = Runtime()
    config = Config(
        net_interface=HOST,
        max_concurrent_calls=8,
        extra_config_text=f"sip_listen {HOST}:{port}\n",
    )
    await runtime.start(config)
    runtime.subscribe(tell)
    account = Account("phone", f"{HOST}:{port}", "", reg_interval=0, extra_params=("catchall=yes", "video_codecs=none"))
    agent = await UserAgent.create(runtime, account, transfer_policy="auto")
    answering: set[asyncio.Task[None]] = set()

    def answer(call: Call) -> None:
        answering.add(asyncio.create_task(call.answer()))

    agent.on_incoming(answer)
    print(json.dumps({"event": "READY"}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runtime.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
