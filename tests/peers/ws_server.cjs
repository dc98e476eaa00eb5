// SPDX-License-Identifier: Apache-2.0
// The npm ws server: echoes, and does what the path of a connection asks for (see README.md).
'use strict';

const { once } = require('node:events');
const { WebSocketServer } = require('ws');

const LIFETIME_MS = 120_000;
const FRAGMENT_LEN = 1000;
const PING = 'are you there';
const PING_MESSAGE_LEN = 1 << 20;

async function reply(socket, data, isBinary, report) {
  switch (report.path) {
    case '/fragment':
      for (let start = 0; start === 0 || start < data.length; start += FRAGMENT_LEN) {
        const fin = start + FRAGMENT_LEN >= data.length;
        socket.send(data.subarray(start, start + FRAGMENT_LEN), { binary: isBinary, fin });
      }
      return;
    case '/ping': {
      const message = Buffer.from(Uint8Array.from({ length: PING_MESSAGE_LEN }, (_, i) => i % 251));
      socket.send(message.subarray(0, PING_MESSAGE_LEN / 2), { binary: true, fin: false });
      socket.ping(PING);
      const [pong] = await once(socket, 'pong');
      report.pong = pong.toString() === PING;
      socket.send(message.subarray(PING_MESSAGE_LEN / 2), { binary: true, fin: true });
      return;
    }
    case '/close':
      socket.close(1001, 'going away');
      return;
    default:
      socket.send(data, { binary: isBinary });
  }
}

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
});

server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));

server.on('connection', (socket, request) => {
  const report = { path: request.url, protocol: socket.protocol, messages: 0, bytes: 0, pong: false, close: 1006 };
  socket.on('message', (data, isBinary) => {
    report.messages += 1;
    report.bytes += data.length;
    reply(socket, data, isBinary, report).catch((error) => console.log(`error ${error.message}`));
  });
  socket.on('error', (error) => console.log(`error path ${report.path}: ${error.message}`));
  socket.on('close', (code) => {
    report.close = code;
    const words = Object.entries(report).map(([name, value]) => `${name}=${value}`);
    console.log(`connection ${words.join(' ')}`);
  });
});

process.stdin.on('end', () => process.exit(0)).resume();
setTimeout(() => process.exit(1), LIFETIME_MS);
