# SPDX-License-Identifier: Apache-2.0
"""The socketify server, which is uWebSockets: echoes, and does what the path of a connection asks for (see README.md)."""

import os

import contract
from socketify import App, AppListenOptions, OpCode


def upgrade(response, request, context):
    """Agrees to the sub-protocol it knows."""
    path = request.get_url()
    if path == "/refuse":
        response.write_status(403).end("not here\n")
        return
    offered = (request.get_header("sec-websocket-protocol") or "").split(", ")
    protocol = "chat" if "chat" in offered else ""
    key = request.get_header("sec-websocket-key")
    response.upgrade(key, protocol, None, context, contract.Report(path, protocol))


def answer(socket, message, opcode):
    """Answers one message."""
    report = socket.get_user_data()
    report.count(message)
    octets = message.encode() if isinstance(message, str) else message
    if report.path == "/fragment":
        pieces = [octets[start : start + contract.FRAGMENT_LEN] for start in range(0, len(octets), contract.FRAGMENT_LEN)]
        if len(pieces) < 2:
            socket.send(octets, opcode)
            return
        socket.send_first_fragment(pieces[0], opcode)
        for piece in pieces[1:-1]:
            socket.send_fragment(piece)
        socket.send_last_fragment(pieces[-1])
    elif report.path == "/ping":
        half = len(contract.PING_MESSAGE) // 2
        socket.send_first_fragment(contract.PING_MESSAGE[:half], OpCode.BINARY)
        socket.send(contract.PING, OpCode.PING)
    elif report.path == "/close":
        socket.end(contract.CLOSE_CODE, contract.CLOSE_REASON)
    else:
        socket.send(octets, opcode)


def pong(socket, data):
    """The rest of what /ping is for."""
    report = socket.get_user_data()
    if report.path == "/ping":
        octets = data.encode() if isinstance(data, str) else data
        report.pong = octets == contract.PING
        socket.send_last_fragment(contract.PING_MESSAGE[len(contract.PING_MESSAGE) // 2 :])


def closed(socket, code, _message):
    """Reports the code of the client's Close frame."""
    report = socket.get_user_data()
    # A connection that this end closed comes with its own code, before the client has answered.
    report.write(contract.NOT_TOLD if report.path == "/close" else code)


application = App()
application.ws(
    "/*",
    {
        "compression": False,
        "max_payload_length": contract.MESSAGE_MAX,
        "max_backpressure": contract.MESSAGE_MAX,
        "send_pings_automatically": False,
        "upgrade": upgrade,
        "message": answer,
        "pong": pong,
        "close": closed,
    },
)
contract.at_end_of_input(lambda: os._exit(0))
application.listen(AppListenOptions(port=0, host="127.0.0.1"), lambda config: contract.listening(config.port))
application.run()
