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
# Zephyr's own `net websocket`: one line for every context.
CONNECTION = r"\[ *1\] 0x\w+/0x\w+\s+\d+\s+192\.0\.2\.1:80\s+\[::ffff:192\.0\.2\.\d+\]:\d+"
# What the log backend writes of the sample's answer to a datagram.
LOG_LINE = r"\[[\d:.,]+\] net_echo_server_sample: .*UDP \(IPv4\): Received and replied with 5 bytes"


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
        except (TimeoutError, ConnectionClosed) as error:
            sys.exit(f"console: {error!r}: no {wanted!r} in {self.text[-1000:]!r}")
        seen = self.text[: found.end()]
        self.text = self.text[found.end() :]
        return seen

    async def order(self, command, wanted):
        """A command, as one message for each key: what it says comes behind its echo."""
        for key in command + "\r":
            await self.socket.send(key)
        await self.until(re.escape(command))
        return await self.until(wanted)

    async def ping(self):
        """The answer has the same octets."""
        async with asyncio.timeout(STEP_SECONDS):
            await (await self.socket.ping(b"are you there"))


async def console(url, seconds=STEP_SECONDS):
    """Opens a connection. The image takes its time to boot, while QEMU takes connections already and drops them; and it
    has two clients at a time, of which one may not be gone yet."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return Console(await connect(url, compression=None, open_timeout=2, ping_interval=None))
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
                await asyncio.sleep(0.2)


async def main(port, seconds):
    """All of the visit."""
    url = f"ws://127.0.0.1:{port}/console"
    one = await console(url, seconds)
    await one.order("net websocket", CONNECTION)
    listed = await one.order("websocket list", r"1 of \d+ in use")
    assert "server, open" in listed, listed
    helped = await one.order("net help", r"websocket\s*: ?Print information about WebSocket")
    await one.order("net udp send 192.0.2.1 4242 hello", LOG_LINE)
    await one.ping()
    # The next visitor takes the console, and this one is told.
    two = await console(url)
    await two.order("kernel uptime", r"Uptime: ?\d+")
    async with asyncio.timeout(STEP_SECONDS):
        await one.socket.wait_closed()
    # A console that was left is the next visitor's: no context and no descriptor is lost.
    await two.socket.close()
    for _ in range(VISITS):
        next_one = await console(url)
        await next_one.order("net websocket", CONNECTION)
        await next_one.ping()
        await next_one.socket.close()
    last = await console(url)
    await last.order("websocket list", r"1 of \d+ in use")
    await last.socket.close()
    print(f"console: PASS, {len(helped)} octets of help, {VISITS + 3} connections")


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
