# SPDX-License-Identifier: Apache-2.0
"""What the Python servers have in common: numbers, the lines they write, and when they end (see README.md)."""

import asyncio
import os
import socket
import threading

LIFETIME_SECONDS = 120
FRAGMENT_LEN = 1000
MESSAGE_MAX = 1 << 24
PING = b"are you there"
PING_MESSAGE = bytes(i % 251 for i in range(1 << 20))
ANSWERED = "answered"
CLOSE_CODE = 1001
CLOSE_REASON = "going away"
# Where the library does not let its user see the client's Close frame.
NOT_TOLD = 0


class Report:
    """What a server saw of one connection."""

    def __init__(self, path, protocol):
        self.path = path
        self.protocol = protocol or ""
        self.messages = 0
        self.octets = 0
        self.pong = False

    def count(self, message):
        """Counts one message."""
        self.messages += 1
        self.octets += len(message.encode() if isinstance(message, str) else message)

    def write(self, close):
        """Writes the line, with the code of the client's Close frame."""
        print(
            f"connection path={self.path} protocol={self.protocol} messages={self.messages}"
            f" bytes={self.octets} pong={str(self.pong).lower()} close={close}",
            flush=True,
        )


def listening(port):
    """Says that the server accepts connections."""
    print(f"listening on 127.0.0.1:{port}", flush=True)


def listening_socket():
    """A socket on a free port, for libraries that take one."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


def free_port():
    """A port that was free a moment ago, for libraries that take a number only."""
    with listening_socket() as listener:
        return listener.getsockname()[1]


def at_end_of_input(call):
    """Calls from another thread when standard input ends, or after LIFETIME_SECONDS."""
    once = threading.Lock()

    def end():
        if once.acquire(blocking=False):
            call()

    def wait():
        while os.read(0, 4096):
            pass
        end()

    threading.Thread(target=wait, daemon=True).start()
    timer = threading.Timer(LIFETIME_SECONDS, end)
    timer.daemon = True
    timer.start()


async def end_of_input():
    """Waits for the end of standard input, or for LIFETIME_SECONDS."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    at_end_of_input(lambda: loop.call_soon_threadsafe(ended.set))
    await ended.wait()
