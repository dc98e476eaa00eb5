# SPDX-License-Identifier: Apache-2.0
"""granian: serves echo_application.py (see README.md)."""

import asyncio
import socket

import contract
from echo_application import application
from granian.constants import Interfaces
from granian.server.embed import Server


async def main():
    """Serves until standard input ends."""
    port = contract.free_port()
    server = Server(
        application, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False
    )
    serving = asyncio.create_task(server.serve())
    while True:
        await asyncio.sleep(0.02)
        with socket.socket() as attempt:
            attempt.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(attempt, ("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                continue
    contract.listening(port)
    await contract.end_of_input()
    server.stop()
    await serving


asyncio.run(main())
