# SPDX-License-Identifier: Apache-2.0
"""The Python websockets server: echoes, and does what the path of a connection asks for (see README.md)."""

import asyncio
import http

import contract
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


async def reply(socket, message, report):
    """Answers one message."""
    if report.path == "/fragment":
        starts = range(0, max(len(message), 1), contract.FRAGMENT_LEN)
        await socket.send([message[start : start + contract.FRAGMENT_LEN] for start in starts])
    elif report.path == "/ping":
        await socket.send(pinged_message(socket, report))
    elif report.path == "/close":
        await socket.close(contract.CLOSE_CODE, contract.CLOSE_REASON)
    else:
        await socket.send(message)


async def pinged_message(socket, report):
    """A message whose second half is held back until a ping has been answered."""
    half = len(contract.PING_MESSAGE) // 2
    yield contract.PING_MESSAGE[:half]
    pong = await socket.ping(contract.PING)
    await pong
    report.pong = True
    yield contract.PING_MESSAGE[half:]


async def handle(socket):
    """One connection from its handshake to its end."""
    report = contract.Report(socket.request.path, socket.subprotocol)
    try:
        async for message in socket:
            report.count(message)
            await reply(socket, message, report)
    except ConnectionClosed:
        pass
    await socket.wait_closed()
    # close_code is the code of whichever Close frame came first.
    received = socket.protocol.close_rcvd
    report.write(1006 if received is None else received.code)


def select_subprotocol(_connection, offered):
    """Agrees to what it knows, and to none: the default refuses a client that offers none."""
    return "chat" if "chat" in offered else None


def refuse(connection, request):
    """Answers one path without opening a connection."""
    if request.path == "/refuse":
        return connection.respond(http.HTTPStatus.FORBIDDEN, "not here\n")
    return None


async def main():
    """Serves until standard input ends."""
    options = {"compression": None, "max_size": contract.MESSAGE_MAX, "ping_interval": None}
    async with serve(
        handle, "127.0.0.1", 0, select_subprotocol=select_subprotocol, process_request=refuse, **options
    ) as server:
        contract.listening(server.sockets[0].getsockname()[1])
        await contract.end_of_input()


asyncio.run(main())
