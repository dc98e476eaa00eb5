# SPDX-License-Identifier: Apache-2.0
"""The aiohttp server: echoes, and does what the path of a connection asks for (see README.md)."""

import asyncio

import contract
from aiohttp import WSMsgType, web


async def reply(socket, message, report):
    """Answers one message."""
    if report.path == "/ping":
        await socket.ping(contract.PING)
        pong = await socket.receive()
        report.pong = pong.type == WSMsgType.PONG and bytes(pong.data) == contract.PING
        await socket.send_str(contract.ANSWERED)
    elif message.type == WSMsgType.TEXT:
        await socket.send_str(message.data)
    else:
        await socket.send_bytes(message.data)


async def handle(request):
    """One connection from its handshake to its end."""
    socket = web.WebSocketResponse(
        protocols=["chat"],
        compress=False,
        max_msg_size=contract.MESSAGE_MAX,
        # With it on, receive() does not report the pong.
        autoping=request.path != "/ping",
    )
    await socket.prepare(request)
    report = contract.Report(request.path, socket.ws_protocol)
    close = 1006
    while True:
        message = await socket.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            report.count(message.data)
            if report.path == "/close":
                await socket.close(code=contract.CLOSE_CODE, message=contract.CLOSE_REASON.encode())
                close = socket.close_code
                break
            await reply(socket, message, report)
        else:
            if message.type == WSMsgType.CLOSE:
                close = message.data or 1005
            break
    report.write(close)
    return socket


async def main():
    """Serves until standard input ends."""
    application = web.Application()
    # Another path is answered with 404.
    for path in ("/echo", "/ping", "/close"):
        application.router.add_get(path, handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=1)
    await site.start()
    contract.listening(runner.addresses[0][1])
    await contract.end_of_input()
    await runner.cleanup()


asyncio.run(main())
