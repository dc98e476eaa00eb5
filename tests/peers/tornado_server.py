# SPDX-License-Identifier: Apache-2.0
"""The tornado server: echoes, and does what the path of a connection asks for (see README.md)."""

import asyncio
import logging

import contract
from tornado import httpserver, web, websocket


class Echo(websocket.WebSocketHandler):
    """One connection from its handshake to its end."""

    report = None

    def select_subprotocol(self, subprotocols):
        """Agrees to the one it knows."""
        return "chat" if "chat" in subprotocols else None

    def open(self, *_args, **_kwargs):
        """Begins the report."""
        self.report = contract.Report(self.request.path, self.selected_subprotocol)

    def on_message(self, message):
        """Answers one message."""
        self.report.count(message)
        if self.report.path == "/ping":
            self.ping(contract.PING)
        elif self.report.path == "/close":
            self.close(contract.CLOSE_CODE, contract.CLOSE_REASON)
        else:
            self.write_message(message, binary=isinstance(message, bytes))

    def on_pong(self, data):
        """The rest of what /ping is for."""
        if self.report.path == "/ping":
            self.report.pong = data == contract.PING
            self.write_message(contract.ANSWERED)

    def on_close(self):
        """Reports the code of the client's Close frame."""
        self.report.write(self.close_code or 1005)


async def main():
    """Serves until standard input ends."""
    # A refusal is part of the run.
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    application = web.Application(
        [(r"/(?:echo|ping|close)", Echo)], websocket_max_message_size=contract.MESSAGE_MAX
    )
    listener = contract.listening_socket()
    listener.listen()
    listener.setblocking(False)
    server = httpserver.HTTPServer(application)
    server.add_sockets([listener])
    contract.listening(listener.getsockname()[1])
    await contract.end_of_input()


asyncio.run(main())
