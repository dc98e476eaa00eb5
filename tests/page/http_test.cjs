// SPDX-License-Identifier: Apache-2.0
// What the sample's HTTP server answers, octet by octet: files, refusals, the opening handshake, its limits in time.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { once } = require('node:events');

const { check, equal, PATIENCE_MS } = require('./check.cjs');

const PAGE = path.join(__dirname, '../../samples/server_page/page');
const HOST = 'Host: 127.0.0.1';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const UPGRADE = ['Upgrade: websocket', 'Connection: keep-alive, Upgrade', 'Sec-WebSocket-Version: 13'];

const request = (first, ...headers) => `${[first, ...headers].join('\r\n')}\r\n\r\n`;
const websocket = (...headers) => request('GET /ws HTTP/1.1', HOST, ...headers);

/** Name, what is sent, the status of the answer, and what else the answer has. */
const CASES = [
  ['unknown path', request('GET /other HTTP/1.1', HOST), 404],
  ['a path that only begins like a file', request('GET /page.cssx HTTP/1.1', HOST), 404],
  ['method', request('POST / HTTP/1.1', HOST), 405, /^Allow: GET\r$/m],
  ['method in small letters', request('get / HTTP/1.1', HOST), 405],
  ['HTTP/1.0', request('GET / HTTP/1.0', HOST), 505],
  ['no version', request('GET /', HOST), 400],
  ['two spaces', request('GET  / HTTP/1.1', HOST), 400],
  ['absolute target', request('GET http://127.0.0.1/ HTTP/1.1', HOST), 400],
  ['long target', request(`GET /${'a'.repeat(200)} HTTP/1.1`, HOST), 414],
  ['bare line feed', `GET / HTTP/1.1\n${HOST}\n\n`, 400],
  ['bare carriage return', `GET / HTTP/1.1\r${HOST}\r\r`, 400],
  ['control octet', request('GET / HTTP/1.1', HOST, 'X: \x01'), 400],
  ['no Host', request('GET / HTTP/1.1'), 400],
  ['two Hosts', request('GET / HTTP/1.1', HOST, HOST), 400],
  ['no colon', request('GET / HTTP/1.1', HOST, 'X'), 400],
  ['space before the colon', request('GET / HTTP/1.1', HOST, 'X : y'), 400],
  ['folded line', request('GET / HTTP/1.1', HOST, 'X: y', ' z'), 400],
  ['body', request('GET / HTTP/1.1', HOST, 'Content-Length: 5'), 400],
  ['chunked body', request('GET / HTTP/1.1', HOST, 'Transfer-Encoding: chunked'), 501],
  ['two requests at once', request('GET / HTTP/1.1', HOST).repeat(2), 400],
  ['long header', request('GET / HTTP/1.1', HOST, `X: ${'a'.repeat(4000)}`), 431],
  ['websocket without Upgrade', request('GET /ws HTTP/1.1', HOST), 426, /^Upgrade: websocket\r$/m],
  ['websocket without Connection', websocket(KEY, UPGRADE[0], UPGRADE[2]), 426],
  ['version 8', websocket(KEY, ...UPGRADE.slice(0, 2), 'Sec-WebSocket-Version: 8'), 426, /^Sec-WebSocket-Version: 13\r$/m],
  ['no version of the protocol', websocket(KEY, ...UPGRADE.slice(0, 2)), 400],
  ['no key', websocket(...UPGRADE), 400],
  ['two keys', websocket(KEY, KEY, ...UPGRADE), 400],
  ['short key', websocket('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j', ...UPGRADE), 400],
  ['key of 17 octets', websocket('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQA=', ...UPGRADE), 400],
  ['key with bits that are no octet', websocket('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==', ...UPGRADE), 400],
  ['page of another server', websocket(KEY, ...UPGRADE, 'Origin: http://example.org'), 403],
  ['frame before the answer', `${websocket(KEY, ...UPGRADE)}\x81`, 400],
  ['the example of RFC 6455', websocket(KEY, ...UPGRADE), 101, /^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/m],
  ['own page', websocket(KEY, ...UPGRADE, 'Origin: http://127.0.0.1'), 101],
];

/** Sends octets, all at once or one by one, and returns what came until the end, or until `isEnough`. */
async function exchange(port, octets, { isSlow = false, isEnough = () => false } = {}) {
  const socket = net.connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the server neither answers nor closes')));
  await once(socket, 'connect');
  const answer = [];
  const done = new Promise((resolve, reject) => {
    socket.on('data', (data) => {
      answer.push(data);
      if (isEnough(Buffer.concat(answer))) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', resolve);
  });
  for (const piece of isSlow ? Buffer.from(octets, 'latin1').map((octet) => octet) : [octets]) {
    socket.write(isSlow ? Buffer.from([piece]) : Buffer.from(piece, 'latin1'));
    if (isSlow) await new Promise(setImmediate);
  }
  await done;
  return Buffer.concat(answer);
}

/** Runs all cases; returns how many websockets the sample has opened for them. */
async function run(sample) {
  // These take as long as the server's patience: they run beside the others.
  const silent = exchange(sample.port, '');
  const unfinished = exchange(sample.port, 'GET / HTTP/1.1\r\n');
  let opened = 0;
  for (const [name, octets, status, pattern] of CASES) {
    const isEnough = status === 101 ? (answer) => answer.includes('\r\n\r\n') : undefined;
    const answer = (await exchange(sample.port, octets, { isEnough })).toString('latin1');
    equal(name, Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]), status);
    if (pattern) check(`${name}: the answer's header`, pattern.test(answer), answer);
    if (status === 101) {
      opened += 1;
      await sample.session(opened);
    }
  }
  for (const [target, file, type] of [['/', 'index.html', 'text/html'], ['/page.css', 'page.css', 'text/css'],
    ['/page.js?v=1', 'page.js', 'text/javascript']]) {
    for (const isSlow of [false, true]) {
      const answer = await exchange(sample.port, request(`GET ${target} HTTP/1.1`, HOST), { isSlow });
      const end = answer.indexOf('\r\n\r\n') + 4;
      const head = answer.subarray(0, end).toString('latin1');
      check(`${file}: its header`, head.startsWith('HTTP/1.1 200 OK\r\n') && head.includes(`Content-Type: ${type};`), head);
      check(`${file}: its octets`, answer.subarray(end).equals(fs.readFileSync(path.join(PAGE, file))));
    }
  }
  equal('a client that says nothing', (await silent).length, 0);
  check('a client that says half', (await unfinished).toString('latin1').startsWith('HTTP/1.1 408 '));
  return opened;
}

/** The status with which one more websocket is answered. */
async function upgradeStatus(port) {
  const answer = await exchange(port, websocket(KEY, ...UPGRADE), { isEnough: (octets) => octets.includes('\r\n\r\n') });
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer.toString('latin1'))?.[1]);
}

/** What comes after the opening handshake when a client sends these octets. */
async function afterUpgrade(port, octets) {
  const socket = net.connect(port, '127.0.0.1');
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the server does not close')));
  await once(socket, 'connect');
  socket.write(Buffer.from(websocket(KEY, ...UPGRADE), 'latin1'));
  let all = Buffer.alloc(0);
  let headLength = 0;
  socket.on('data', (data) => {
    all = Buffer.concat([all, data]);
    const end = all.indexOf('\r\n\r\n');
    if (headLength > 0 || end < 0) return;
    headLength = end + 4;
    socket.write(Buffer.from(octets));
  });
  await once(socket, 'close');
  check('the opening handshake', headLength > 0 && all.toString('latin1').startsWith('HTTP/1.1 101 '), all.length);
  return all.subarray(headLength);
}

module.exports = { run, upgradeStatus, afterUpgrade };
