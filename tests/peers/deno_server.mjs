// SPDX-License-Identifier: Apache-2.0
// The server of Deno: echoes, and does what the path of a connection asks for (see README.md).
import * as contract from './contract.mjs';

// Deno pings a connection on which nothing comes, in this time, and ends it where no pong comes either.
const IDLE_SECONDS = 1;

function handle(request) {
  const path = new URL(request.url).pathname;
  if (path === '/refuse') {
    return new Response('not here\n', { status: 403 });
  }
  const offered = (request.headers.get('Sec-WebSocket-Protocol') ?? '').split(/, */);
  const protocol = offered.includes('chat') ? 'chat' : undefined;
  const idleTimeout = path === '/ping' ? IDLE_SECONDS : 0;
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol, idleTimeout });
  const report = new contract.Report(path, protocol ?? '');
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    report.count(typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength);
    if (path === '/close') {
      socket.close(contract.CLOSE_CODE, contract.CLOSE_REASON);
    } else {
      socket.send(data);
    }
  };
  socket.onerror = (event) => console.log(`error path ${path}: ${event.message}`);
  socket.onclose = ({ code }) => report.write(code);
  return response;
}

Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: ({ port }) => contract.listening(port) }, handle);
setTimeout(() => Deno.exit(1), contract.LIFETIME_MS);
for await (const _ of Deno.stdin.readable) {
  // Nothing comes but the end.
}
Deno.exit(0);
