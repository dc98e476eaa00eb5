// SPDX-License-Identifier: Apache-2.0
// The npm ws server: echoes, and does what the path of a connection asks for (see README.md).
import { once } from 'node:events';
import { createRequire } from 'node:module';

import * as contract from './contract.mjs';

// import looks beside this file only, require in NODE_PATH too.
const { WebSocketServer } = createRequire(import.meta.url)('ws');

async function reply(socket, data, isBinary, report) {
  switch (report.path) {
    case '/fragment':
      for (let start = 0; start === 0 || start < data.length; start += contract.FRAGMENT_LEN) {
        const end = start + contract.FRAGMENT_LEN;
        socket.send(data.subarray(start, end), { binary: isBinary, fin: end >= data.length });
      }
      return;
    case '/ping': {
      const half = contract.PING_MESSAGE.length / 2;
      socket.send(contract.PING_MESSAGE.subarray(0, half), { binary: true, fin: false });
      socket.ping(contract.PING);
      const [pong] = await once(socket, 'pong');
      report.pong = pong.toString() === contract.PING;
      socket.send(contract.PING_MESSAGE.subarray(half), { binary: true, fin: true });
      return;
    }
    case '/close':
      socket.close(contract.CLOSE_CODE, contract.CLOSE_REASON);
      return;
    default:
      socket.send(data, { binary: isBinary });
  }
}

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  maxPayload: contract.MESSAGE_MAX,
  handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
  verifyClient: ({ req }, done) => done(req.url !== '/refuse', 403),
});

server.on('listening', () => contract.listening(server.address().port));

server.on('connection', (socket, request) => {
  const report = new contract.Report(request.url, socket.protocol);
  socket.on('message', (data, isBinary) => {
    report.count(data.length);
    reply(socket, data, isBinary, report).catch((error) => console.log(`error ${error.message}`));
  });
  socket.on('error', (error) => console.log(`error path ${report.path}: ${error.message}`));
  socket.on('close', (code) => report.write(code));
});

process.stdin.on('end', () => process.exit(0)).resume();
setTimeout(() => process.exit(1), contract.LIFETIME_MS);
