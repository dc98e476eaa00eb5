# SPDX-License-Identifier: Apache-2.0
"""A WebSocket front of an MQTT broker that cuts what the broker sends in every nasty way that is legal.

usage: fragmenting_broker.py PORT BROKER_PORT

Frames down to one octet, many in one segment; headers cut between segments; messages that begin and end in the middle of
an MQTT packet; pings and pongs in the middle of a payload, some of which have to be answered before the rest comes. The
path /empty also gets frames without payload. See README.md for what it writes.
"""

import asyncio
import os
import random
import socket
import sys
import threading

from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

LIFETIME_SECONDS = 300
PONG_SECONDS = 5
# Payload of this length or more has a ping in its middle that is waited for.
HOLD_LEN = 1000
# Lengths of frames: the edges of a frame's length field.
EDGES = [1, 125, 126, 127, 128, 65535, 65536, 70000]
# So many octets of a message go out in frames of one octet.
OCTET_FRAMES = 3000


class Failure(Exception):
    """The client did something that it must not do."""


class Connection:
    """One client and its connection to the broker."""

    def __init__(self, reader, writer, number):
        self.reader, self.writer = reader, writer
        self.protocol = ServerProtocol(subprotocols=["mqtt"], max_size=None)
        self.random = random.Random(number)
        self.path = ""
        self.messages = self.octets = self.pings = self.held = self.answered = 0
        self.pongs = {}
        self.broker = None
        self.style = number

    def flush(self):
        """What the protocol has to say leaves in one write."""
        for data in self.protocol.data_to_send():
            if data:
                self.writer.write(data)
            else:
                self.writer.write_eof()

    async def flush_in_pieces(self):
        """The same, cut so that headers are torn."""
        data = b"".join(self.protocol.data_to_send())
        head = self.random.randrange(1, 12)
        for start in range(min(head, len(data))):
            self.writer.write(data[start : start + 1])
            await asyncio.sleep(0)
        self.writer.write(data[head:])

    # ------------------------------------------------------------------------- from the client

    async def from_client(self):
        """Until the client is gone."""
        is_message_open = False
        while data := await self.reader.read(1 << 16):
            self.protocol.receive_data(data)
            for event in self.protocol.events_received():
                if isinstance(event, Request):
                    await self.accept(event)
                elif event.opcode == Opcode.PONG:
                    waiter = self.pongs.pop(bytes(event.data), None)
                    if waiter is not None:
                        waiter.set_result(None)
                elif event.opcode in (Opcode.BINARY, Opcode.CONT):
                    if is_message_open == (event.opcode == Opcode.BINARY):
                        raise Failure("a frame that does not follow the one before")
                    is_message_open = not event.fin
                    self.messages += event.fin
                    self.octets += len(event.data)
                    self.broker.write(event.data)
                elif event.opcode != Opcode.CLOSE:
                    raise Failure(f"a frame with opcode {event.opcode}")
            self.flush()
            if self.protocol.parser_exc is not None:
                raise Failure(str(self.protocol.parser_exc))

    async def accept(self, request):
        """Opens both sides."""
        response = self.protocol.accept(request)
        self.protocol.send_response(response)
        self.flush()
        if response.status_code != 101:
            raise Failure(f"handshake: {response.body}")
        self.path = request.path
        broker_reader, self.broker = await asyncio.open_connection("127.0.0.1", BROKER_PORT)
        self.from_broker_task = asyncio.create_task(self.from_broker(broker_reader))

    # ------------------------------------------------------------------------- from the broker

    async def from_broker(self, broker_reader):
        """Until the broker is gone."""
        try:
            while data := await broker_reader.read(1 << 16):
                # Messages have nothing to do with the packets in them.
                cut = self.random.randrange(len(data)) if self.random.random() < 0.5 else 0
                for part in (data[:cut], data[cut:]):
                    if part:
                        await self.send_message(part)
            self.protocol.send_close(1001)
            self.flush()
        except (OSError, Failure) as error:
            print(f"error {self.path}: {error!r}", flush=True)
            self.writer.transport.abort()

    def lengths(self, size):
        """How long the frames of a message are."""
        style = self.style % 4
        self.style += 1
        if style == 0:
            few = min(size, OCTET_FRAMES)
            yield from [1] * few
            yield size - few
        elif style == 1:
            while True:
                yield self.random.choice(EDGES)
        elif style == 2:
            while True:
                yield self.random.randrange(1, 2000)
        else:
            yield size // 2 + 1
            yield size

    def ping(self):
        """A ping of its own payload; the future of its pong."""
        self.pings += 1
        payload = f"ping {self.pings}".encode() * self.random.choice([1, 1, 10])
        self.pongs[payload] = asyncio.get_running_loop().create_future()
        self.protocol.send_ping(payload)
        return self.pongs[payload]

    async def send_message(self, data):
        """One message in many frames, with control frames between them."""
        start = frames = 0
        is_held = False
        send = self.protocol.send_binary
        for length in self.lengths(len(data)):
            piece = data[start : start + length]
            start += len(piece)
            send(piece, start == len(data))
            if start == len(data):
                break
            send = self.protocol.send_continuation
            frames += 1
            if frames % 60 == 1:
                self.protocol.send_pong(b"uncalled for")
                self.ping()
            if self.path == "/empty" and frames % 7 == 1:
                self.protocol.send_continuation(b"", False)
            if len(data) >= HOLD_LEN and not is_held and start >= len(data) // 2:
                # The rest comes when the client has answered in the middle of the payload.
                is_held = True
                self.held += 1
                pong = self.ping()
                await self.flush_in_pieces()
                await asyncio.wait_for(pong, PONG_SECONDS)
                self.answered += 1
        if self.random.random() < 0.3:
            await self.flush_in_pieces()
        else:
            self.flush()
        await self.writer.drain()

    # ------------------------------------------------------------------------------- the whole

    def report(self):
        """The line on this connection."""
        code = self.protocol.close_rcvd.code if self.protocol.close_rcvd else 1006
        is_answered = self.held > 0 and self.held == self.answered and not self.missing()
        print(
            f"connection path={self.path} protocol={self.protocol.subprotocol or ''} messages={self.messages}"
            f" bytes={self.octets} pong={str(is_answered).lower()} close={code}",
            flush=True,
        )

    def missing(self):
        """Pings without a pong: only the last one answers for those before it (RFC 6455 section 5.5.3)."""
        return len(self.pongs) > 1

    async def serve(self):
        """From the handshake to the end."""
        self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self.from_client()
        except (OSError, Failure) as error:
            # A client that has said Close need not wait for the answer.
            if self.protocol.close_rcvd is None:
                print(f"error {self.path}: {error!r}", flush=True)
        finally:
            if self.path:
                self.report()
            if self.broker is not None:
                self.from_broker_task.cancel()
                self.broker.close()
            if self.protocol.state is not State.CLOSED:
                self.protocol.receive_eof()
            self.writer.close()


async def main():
    """Serves until standard input ends, or for LIFETIME_SECONDS."""
    numbers = iter(range(1 << 30))

    async def handle(reader, writer):
        await Connection(reader, writer, next(numbers)).serve()

    def wait_for_end():
        while os.read(0, 4096):
            pass
        # Without a word to anybody, as a broker that dies.
        os._exit(0)

    threading.Thread(target=wait_for_end, daemon=True).start()
    server = await asyncio.start_server(handle, "127.0.0.1", int(sys.argv[1]))
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.sleep(LIFETIME_SECONDS)


BROKER_PORT = int(sys.argv[2])
asyncio.run(main())
