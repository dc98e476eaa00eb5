# SPDX-License-Identifier: Apache-2.0
"""The Python websockets server: echoes, and does what the path of a connection asks for (see README.md)."""

import asyncio
import os
import threading

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

LIFETIME_SECONDS = 120
FRAGMENT_LEN = 1000
PING = b"are you there"
PING_MESSAGE_LEN = 1 << 20


async def reply(socket, message, report):
    """Answers one message."""
    if report["path"] == "/fragment":
        starts = range(0, max(len(message), 1), FRAGMENT_LEN)
        await socket.send([message[start : start + FRAGMENT_LEN] for start in starts])
    elif report["path"] == "/ping":
        await socket.send(pinged_message(socket, report))
    elif report["path"] == "/close":
        await socket.close(1001, "going away")
    else:
        await socket.send(message)


async def pinged_message(socket, report):
    """A message whose second half is held back until a ping has been answered."""
    message = bytes(i % 251 for i in range(PING_MESSAGE_LEN))
    yield message[: PING_MESSAGE_LEN // 2]
    pong = await socket.ping(PING)
    await pong
    report["pong"] = "true"
    yield message[PING_MESSAGE_LEN // 2 :]


async def handle(socket):
    """One connection from its handshake to its end."""
    report = {
        "path": socket.request.path,
        "protocol": socket.subprotocol or "",
        "messages": 0,
        "bytes": 0,
        "pong": "false",
    }
    try:
        async for message in socket:
            report["messages"] += 1
            report["bytes"] += len(message.encode() if isinstance(message, str) else message)
            await reply(socket, message, report)
    except ConnectionClosed:
        pass
    await socket.wait_closed()
    report["close"] = socket.close_code
    print("connection", *(f"{name}={value}" for name, value in report.items()), flush=True)


def select_subprotocol(_connection, offered):
    """Agrees to what it knows, and to none: the default refuses a client that offers none."""
    return "chat" if "chat" in offered else None


async def main():
    """Serves until standard input ends, or for LIFETIME_SECONDS."""
    loop = asyncio.get_running_loop()
    stopped = loop.create_future()

    def wait_for_end():
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(stopped.set_result, None)

    threading.Thread(target=wait_for_end, daemon=True).start()
    options = {"compression": None, "max_size": 1 << 24, "ping_interval": None}
    async with serve(handle, "127.0.0.1", 0, select_subprotocol=select_subprotocol, **options) as server:
        print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.wait([stopped], timeout=LIFETIME_SECONDS)


asyncio.run(main())
