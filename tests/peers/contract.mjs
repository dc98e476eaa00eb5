// SPDX-License-Identifier: Apache-2.0
// What the JavaScript servers have in common: numbers, and the lines they write (see README.md).

export const LIFETIME_MS = 120_000;
export const FRAGMENT_LEN = 1000;
export const MESSAGE_MAX = 1 << 24;
export const PING = 'are you there';
export const PING_MESSAGE = Uint8Array.from({ length: 1 << 20 }, (_, i) => i % 251);
export const ANSWERED = 'answered';
export const CLOSE_CODE = 1001;
export const CLOSE_REASON = 'going away';
// Where the library does not let its user see the client's Close frame.
export const NOT_TOLD = 0;

// What a server saw of one connection; `close` is the code of the client's Close frame.
export class Report {
  constructor(path, protocol) {
    Object.assign(this, { path, protocol, messages: 0, bytes: 0, pong: false, close: 1006 });
  }

  count(length) {
    this.messages += 1;
    this.bytes += length;
  }

  write(close) {
    this.close = close;
    const words = Object.entries(this).map(([name, value]) => `${name}=${value}`);
    console.log(`connection ${words.join(' ')}`);
  }
}

export function listening(port) {
  console.log(`listening on 127.0.0.1:${port}`);
}
