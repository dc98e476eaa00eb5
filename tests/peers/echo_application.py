# SPDX-License-Identifier: Apache-2.0
"""The ASGI application of uvicorn_server.py and granian_server.py: ASGI knows no pings and no fragments."""

import contract


async def application(scope, receive, send):
    """One connection from its handshake to its end."""
    if scope["type"] != "websocket":
        return
    await receive()
    if scope["path"] == "/refuse":
        # Before accept it is a refusal with status 403.
        await send({"type": "websocket.close"})
        return
    protocol = "chat" if "chat" in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": protocol})
    report = contract.Report(scope["path"], protocol)
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            report.write(event["code"])
            return
        text, octets = event.get("text"), event.get("bytes")
        report.count(octets if text is None else text)
        if scope["path"] == "/close":
            closing = {"code": contract.CLOSE_CODE, "reason": contract.CLOSE_REASON}
            await send({"type": "websocket.close", **closing})
            report.write(contract.NOT_TOLD)
            return
        message = {"bytes": octets} if text is None else {"text": text}
        await send({"type": "websocket.send", **message})
