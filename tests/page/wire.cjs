// SPDX-License-Identifier: Apache-2.0
// A TCP proxy between browser and device that looks at every frame; it can mask the device's, which RFC 6455 forbids.
'use strict';

const net = require('node:net');
const { once } = require('node:events');

const HEADER_END = '\r\n\r\n';

/** Cuts a stream of octets into frames; what it returns is the same stream, with masks where they are asked for. */
class Frames {
  constructor(note) {
    this.note = note;
    this.header = Buffer.alloc(0);
    this.left = 0;
    this.frame = null;
    this.payload = [];
  }

  pass(octets, isMasking) {
    const out = [];
    while (octets.length > 0) {
      if (this.left === 0) {
        octets = this.takeHeader(octets, isMasking, out);
      } else {
        const piece = octets.subarray(0, this.left);
        if (this.frame.opcode >= 8) this.payload.push(piece);
        out.push(piece);
        this.left -= piece.length;
        octets = octets.subarray(piece.length);
      }
      if (this.frame && this.left === 0) this.end();
    }
    return Buffer.concat(out);
  }

  takeHeader(octets, isMasking, out) {
    const all = Buffer.concat([this.header, octets]);
    const length = all.length < 2 ? 127 : all[1] & 0x7f;
    const extended = { 126: 2, 127: 8 }[length] ?? 0;
    const isMasked = all.length >= 2 && (all[1] & 0x80) !== 0;
    const size = 2 + extended + (isMasked ? 4 : 0);
    if (all.length < 2 || all.length < size) {
      this.header = all;
      return Buffer.alloc(0);
    }
    const payloadLength = { 0: () => length, 2: () => all.readUInt16BE(2), 8: () => Number(all.readBigUInt64BE(2)) };
    this.frame = {
      fin: (all[0] & 0x80) !== 0,
      opcode: all[0] & 0x0f,
      masked: isMasked,
      length: payloadLength[extended](),
      key: isMasked ? all.subarray(size - 4, size) : null,
    };
    this.left = this.frame.length;
    this.payload = [];
    this.header = Buffer.alloc(0);
    const header = Buffer.from(all.subarray(0, size));
    if (isMasking) {
      header[1] |= 0x80;
      // A key of zeros leaves the payload as it is.
      out.push(header, Buffer.alloc(4));
    } else {
      out.push(header);
    }
    return all.subarray(size);
  }

  end() {
    const { frame } = this;
    this.frame = null;
    const payload = Buffer.concat(this.payload);
    if (frame.key) payload.forEach((octet, index) => { payload[index] = octet ^ frame.key[index % 4]; });
    if (frame.opcode === 8 && payload.length >= 2) frame.code = payload.readUInt16BE(0);
    delete frame.key;
    this.note(frame);
  }
}

/** Listens in front of a port: `browser` and `device` hold the frames of each, `isMasking` masks the device's. */
async function listen(port) {
  const wire = { port: 0, browser: [], device: [], isMasking: false };
  const sockets = new Set();
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    sockets.add(near).add(far);
    join(wire, near, far);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  wire.port = server.address().port;
  wire.close = () => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  return wire;
}

function join(wire, near, far) {
  const fromBrowser = new Frames((frame) => wire.browser.push(frame));
  const fromDevice = new Frames((frame) => wire.device.push(frame));
  let head = '';
  let isWebSocket = false;
  near.on('data', (octets) => far.write(isWebSocket ? fromBrowser.pass(octets, false) : octets));
  far.on('data', (octets) => {
    if (isWebSocket) {
      near.write(fromDevice.pass(octets, wire.isMasking));
      return;
    }
    if (head.includes(HEADER_END)) {
      near.write(octets);
      return;
    }
    const before = head.length;
    head += octets.toString('latin1');
    const end = head.indexOf(HEADER_END);
    if (end < 0 || !head.startsWith('HTTP/1.1 101 ')) {
      near.write(octets);
      return;
    }
    isWebSocket = true;
    const headLength = end + HEADER_END.length - before;
    near.write(octets.subarray(0, headLength));
    near.write(fromDevice.pass(octets.subarray(headLength), wire.isMasking));
  });
  for (const [one, other] of [[near, far], [far, near]]) {
    one.on('end', () => other.end());
    // A reset on one side is one on the other.
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

module.exports = { listen };
