# SPDX-License-Identifier: Apache-2.0
"""uvicorn with wsproto: serves echo_application.py (see README.md)."""

import asyncio

import contract
import uvicorn
from echo_application import application


async def main():
    """Serves until standard input ends."""
    config = uvicorn.Config(
        application,
        ws="wsproto",
        ws_max_size=contract.MESSAGE_MAX,
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="critical",
    )
    server = uvicorn.Server(config)
    listener = contract.listening_socket()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    contract.listening(listener.getsockname()[1])
    await contract.end_of_input()
    server.should_exit = True
    await serving


asyncio.run(main())
