// SPDX-License-Identifier: Apache-2.0
// Starts samples/server_page, as a program of this machine or on a board, and reads what it says of each session.
'use strict';

const { spawn } = require('node:child_process');
const readline = require('node:readline');

const { until } = require('./check.cjs');

const NUMBERS = ['number', 'messages', 'octets', 'close', 'unregister'];

/** The sample as a process: `port`, `sessions` that ended, `lines` of everything it wrote. */
async function start(program, words, port) {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const sample = { port: 0, sessions: [], lines: [], errors: '', status: null };
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      sample.status = code ?? signal;
      resolve();
    });
  });
  child.on('error', (error) => sample.lines.push(String(error)));
  child.stderr.on('data', (data) => { sample.errors += data; });
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    sample.lines.push(line);
    if (line.startsWith('session ')) sample.sessions.push(parse(line));
  });
  sample.end = async () => {
    child.stdin.end();
    await ended;
  };
  sample.kill = () => child.kill();
  /** The session with this number, once it has ended. */
  sample.session = (number) => until(`the end of session ${number}`,
    () => sample.sessions.find((session) => session.number === number));
  const line = await until('the port of the sample',
    () => sample.status !== null || sample.lines.find((text) => text.startsWith('listening on ')));
  // A board's own port is another one than what leads there.
  sample.port = port || Number(/:(\d+)$/.exec(line)?.[1]);
  if (!sample.port) throw new Error(`the sample ended: ${sample.status}\n${sample.lines.join('\n')}${sample.errors}`);
  return sample;
}

function parse(line) {
  const words = line.split(' ').slice(1).map((word) => word.split('='));
  return Object.fromEntries(words.map(([name, value]) => [name, NUMBERS.includes(name) ? Number(value) : value]));
}

module.exports = { start };
