# SPDX-License-Identifier: Apache-2.0
"""The aiohttp server: echoes whatever the path is (see README.md)."""

import asyncio
import os
import threading

from aiohttp import WSMsgType, web

LIFETIME_SECONDS = 120


async def handle(request):
    """One connection from its handshake to its end."""
    socket = web.WebSocketResponse(protocols=["chat"], compress=False, max_msg_size=1 << 24)
    await socket.prepare(request)
    messages = octets = 0
    close = 1006
    while True:
        message = await socket.receive()
        if message.type == WSMsgType.TEXT:
            messages, octets = messages + 1, octets + len(message.data.encode())
            await socket.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            messages, octets = messages + 1, octets + len(message.data)
            await socket.send_bytes(message.data)
        else:
            if message.type == WSMsgType.CLOSE:
                close = message.data or 1005
            break
    print(
        f"connection path={request.path} protocol={socket.ws_protocol or ''} messages={messages}"
        f" bytes={octets} pong=false close={close}",
        flush=True,
    )
    return socket


async def main():
    """Serves until standard input ends, or for LIFETIME_SECONDS."""
    loop = asyncio.get_running_loop()
    stopped = loop.create_future()

    def wait_for_end():
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(stopped.set_result, None)

    threading.Thread(target=wait_for_end, daemon=True).start()
    application = web.Application()
    application.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=1)
    await site.start()
    print(f"listening on 127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.wait([stopped], timeout=LIFETIME_SECONDS)
    await runner.cleanup()


asyncio.run(main())
