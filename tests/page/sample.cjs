// SPDX-License-Identifier: Apache-2.0
// Starts samples/server_page, reads what it says of each session, and ends it.
'use strict';

const { spawn } = require('node:child_process');
const readline = require('node:readline');

const { until } = require('./check.cjs');

const LIFETIME_SECONDS = 90;
const NUMBERS = ['number', 'messages', 'octets', 'close', 'unregister'];

/** The sample as a process: `port`, `sessions` that ended, `lines` of everything it wrote. */
async function start(program) {
  const child = spawn(program, ['0', String(LIFETIME_SECONDS)], { stdio: ['pipe', 'pipe', 'pipe'] });
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
  const first = await until('the port of the sample', () => sample.lines[0] ?? sample.status);
  sample.port = Number(/^listening on 127\.0\.0\.1:(\d+)$/.exec(first)?.[1]);
  if (!sample.port) throw new Error(`the sample said ${first} in place of its port\n${sample.errors}`);
  return sample;
}

function parse(line) {
  const words = line.split(' ').slice(1).map((word) => word.split('='));
  return Object.fromEntries(words.map(([name, value]) => [name, NUMBERS.includes(name) ? Number(value) : value]));
}

module.exports = { start };
