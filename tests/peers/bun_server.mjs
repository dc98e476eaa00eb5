// SPDX-License-Identifier: Apache-2.0
// The server of Bun: echoes, and does what the path of a connection asks for (see README.md).
import * as contract from './contract.mjs';

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request, server) {
    const path = new URL(request.url).pathname;
    const offered = (request.headers.get('Sec-WebSocket-Protocol') ?? '').split(/, */);
    const protocol = offered.includes('chat') ? 'chat' : '';
    const report = new contract.Report(path, protocol);
    const headers = protocol === '' ? {} : { 'Sec-WebSocket-Protocol': protocol };
    if (path !== '/refuse' && server.upgrade(request, { data: report, headers })) {
      return undefined;
    }
    return new Response('not here\n', { status: 403 });
  },
  websocket: {
    maxPayloadLength: contract.MESSAGE_MAX,
    backpressureLimit: contract.MESSAGE_MAX,
    perMessageDeflate: false,
    sendPings: false,
    message(socket, message) {
      const report = socket.data;
      report.count(Buffer.byteLength(message));
      switch (report.path) {
        case '/ping':
          socket.ping(contract.PING);
          break;
        case '/close':
          socket.close(contract.CLOSE_CODE, contract.CLOSE_REASON);
          break;
        default:
          socket.send(message);
      }
    },
    pong(socket, data) {
      if (socket.data.path === '/ping') {
        socket.data.pong = data.toString() === contract.PING;
        socket.send(contract.ANSWERED);
      }
    },
    close(socket, code) {
      // A connection that this end closed comes with its own code, before the client has answered.
      socket.data.write(socket.data.path === '/close' ? contract.NOT_TOLD : code);
    },
  },
});

contract.listening(server.port);
process.stdin.on('end', () => process.exit(0)).resume();
setTimeout(() => process.exit(1), contract.LIFETIME_MS);
