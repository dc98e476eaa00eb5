# SPDX-License-Identifier: Apache-2.0
"""Visits Zephyr's websocket console (shell and log backend) on the port that is given, and closes with a line of PASS."""

import asyncio
import re
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

STEP_SECONDS = 15
VISITS = 20
# What a terminal needs and a test does not.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
OURS = r"192\.0\.2\.1:80"
PEER = r"192\.0\.2\.\d+:\d+"
# Zephyr's `net websocket`: one line for every context.
CONNECTION = re.compile(rf"\[ *\d+\] 0x\S+/0x\S+\s+\d+\s+{OURS}\s+{PEER}")
LOG_LINE = re.compile(r"<\S*(inf|wrn|err|dbg)> |net_echo_server_sample")


class Console:
    """One connection to the shell."""

    def __init__(self, socket):
        self.socket = socket
        self.text = ""

    async def until(self, wanted):
        """Reads until the text matches, and forgets the text up to there."""
        try:
            async with asyncio.timeout(STEP_SECONDS):
                while not (found := re.search(wanted, self.text)):
                    data = await self.socket.recv()
                    self.text += CONTROL.sub("", data if isinstance(data, str) else data.decode())
        except TimeoutError:
            sys.exit(f"console: no {wanted!r} in {self.text[-2000:]!r}")
        seen = self.text[: found.end()]
        self.text = self.text[found.end() :]
        return seen

    async def order(self, command, wanted):
        """A command, as one message for each key."""
        for key in command + "\r":
            await self.socket.send(key)
        return await self.until(wanted)


async def first(url, seconds):
    """The image takes its time: QEMU takes connections from the beginning, and drops them."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await connect(url, compression=None, open_timeout=3, ping_interval=None)
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError, EOFError):
                await asyncio.sleep(0.5)


async def main(port, seconds):
    """All of the visit."""
    url = f"ws://127.0.0.1:{port}/console"
    console = Console(await first(url, seconds))
    await console.order("net websocket", CONNECTION)
    print("net websocket lists the connection", flush=True)
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
