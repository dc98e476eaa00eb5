// SPDX-License-Identifier: Apache-2.0
// The npm aedes broker with a WebSocket listener on the port of its argument, or a free one; its CONNACK comes as four frames of one octet.
'use strict';

const http = require('node:http');
const { Aedes } = require('aedes');
const { WebSocketServer, createWebSocketStream } = require('ws');

const LIFETIME_MS = 900_000;

async function main() {
  const broker = await Aedes.createBroker();
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => broker.handle(createWebSocketStream(socket), request));
  server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
}

main();
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
setTimeout(() => process.exit(0), LIFETIME_MS);
