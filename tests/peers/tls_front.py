# SPDX-License-Identifier: Apache-2.0
"""A front that ends TLS: tls_front.py CERTIFICATE KEY PORT, before a server on that port of 127.0.0.1."""

import asyncio
import ssl
import sys

LIFETIME = 120


async def copy(reader, writer):
    """Octets from one side to the other, then the end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        # TLS has no half-closed streams.
        writer.close()


async def serve(certificate, key, port):
    """Until standard input ends, or for its lifetime."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def forward(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context)
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.wait_for(ended, LIFETIME)


asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3])))
