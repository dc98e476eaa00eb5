// SPDX-License-Identifier: Apache-2.0
// Chromium uses the page of samples/server_page, and every frame between the two is looked at.
// node page_test.cjs CHROMIUM DIRECTORY-FOR-SCREENSHOTS PORT SAMPLE [ARGUMENTS]
// PORT is 0 for the program of a PC; a board's is the one on this machine that leads to it.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('playwright-core');

const { check, equal, until, passed, PATIENCE_MS } = require('./check.cjs');
const http = require('./http_test.cjs');
const { start } = require('./sample.cjs');
const { listen } = require('./wire.cjs');

const [browserProgram, screenshots, boardPort, program, ...words] = process.argv.slice(2);
const isBoard = boardPort !== '0';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
/** CONFIG_WEBSOCKET_MAX_CONTEXTS of the sample's prj.conf, and of the PC port. */
const CONTEXTS = isBoard ? 4 : 8;
/** So long a board may take to provide for one more client; see samples/server_page/src/board/main.c. */
const BOARD_MS = 200;
const CYCLES = 20;
const POINTS = 40;

/** The page and what the test needs beside it; `opened` counts the websockets of the sample. */
const test = { opened: 0 };

const state = (code) => test.page.waitForSelector(code === 'open' ? '#state.open' : `#state.closed[data-code="${code}"]`);
const received = (text) => test.page.waitForSelector(`#log .received span:text-is("${text}")`);
const sent = (text) => test.page.evaluate((data) => window.eval('send')(data), text);

async function connectAgain() {
  await test.page.click('#reconnect');
  await state('open');
  test.opened += 1;
}

/** The page's text and code of a close, and what the sample says of the session. */
async function closed(code, by) {
  await state(code);
  const session = await test.sample.session(test.opened);
  equal(`session ${test.opened} was closed`, [session.closed_by, session.close, session.unregister], [by, code, 0]);
}

async function echoes() {
  const { page, wire } = test;
  await page.goto(`http://127.0.0.1:${wire.port}/`);
  await state('open');
  test.opened += 1;
  for (const text of ['hello, device', 'Grüße, 你好, 😀']) {
    await page.fill('#text', text);
    await page.keyboard.press('Enter');
    await received(text);
    check(`${text} came back`, true);
  }
  await sent('/nonsense');
  await page.waitForSelector('#log .received span:has-text("commands: /live")');
}

async function chart() {
  const { page } = test;
  await page.waitForFunction((points) => Number(document.querySelector('#chart').dataset.points) >= points, POINTS);
  const values = await page.evaluate(() => window.eval('values'));
  check('values without a gap', values.every(({ n }, index) => index === 0 || n === values[index - 1].n + 1), values);
  const interval = (values.at(-1).ms - values[0].ms) / (values.length - 1);
  check('about 10 values per second', interval >= 95 && interval <= 150, interval);
  check('values that move', new Set(values.map(({ value }) => value)).size > POINTS / 2, values);
  // The curve is as long as it has points.
  const columns = await page.evaluate(() => new Promise((resolve) => {
    requestAnimationFrame(() => {
      const canvas = document.querySelector('#chart');
      const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const found = new Set();
      for (let at = 0; at < data.length; at += 4) {
        // The green of the curve; the grid is grey, and what is under the curve almost transparent.
        if (data[at + 1] - data[at] > 60 && data[at + 3] > 100) found.add((at / 4) % width);
      }
      resolve({ found: found.size, width, scale: window.devicePixelRatio });
    });
  }));
  check('the curve is drawn', columns.found >= ((POINTS - 1) / 150) * (columns.width - 54 * columns.scale), columns);
}

async function binary() {
  const { page, wire } = test;
  await page.click('#large');
  await received('65,536 octets, came back intact');
  const before = wire.device.length;
  await page.click('text=Fragments from the device');
  await received('16,384 octets, from the device, intact');
  const fragments = wire.device.slice(before).filter(({ opcode }) => opcode === 0 || opcode === 2);
  equal('fragments on the wire', fragments.map(({ fin }) => fin), [...Array(16).fill(false), true]);
  await sent('/send 65536');
  await received('65,536 octets, from the device, intact');
  check('64 KiB in one frame', wire.device.some(({ length, fin }) => length === 65536 && fin));
  check('64 KiB from the browser', wire.browser.some(({ length }) => length === 65536));
}

async function screenshot(name) {
  fs.mkdirSync(screenshots, { recursive: true });
  const file = path.join(screenshots, name);
  await test.page.screenshot({ path: file });
  check(`${name} has content`, fs.statSync(file).size > 10_000);
}

async function closeCodes() {
  const { page, wire } = test;
  await page.click('text=Device closes');
  await closed(4000, 'device');
  check('the reason is shown', (await page.textContent('#state')).includes('asked for by the page'));
  await connectAgain();
  await page.click('#close');
  await closed(4001, 'client');
  await connectAgain();
  await sent('/close');
  await closed(1000, 'device');
  await connectAgain();
  await sent('/close 1011 trouble');
  await closed(1011, 'device');
  const codes = (frames) => frames.filter(({ opcode }) => opcode === 8).map(({ code }) => code);
  equal('Close frames of the device', codes(wire.device), [4000, 4001, 1000, 1011]);
  // After close() nobody is there for the browser's answer: it may be on the wire or not.
  equal('Close frames of the browser', codes(wire.browser).filter((code) => code !== 1000), [4000, 4001, 1011]);
  await connectAgain();
  await page.goto('about:blank');
  const session = await test.sample.session(test.opened);
  equal('the browser leaves the page', [session.closed_by, session.close], ['client', 1001]);
}

/** In the page: so many websockets, one after the other, each with an echo; the codes of their ends. */
function cycles(count) {
  const cycle = () => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    let echo = '';
    socket.onopen = () => socket.send('there and back');
    socket.onmessage = ({ data }) => {
      echo = data;
      socket.close(3000);
    };
    socket.onclose = ({ code }) => resolve(`${echo} ${code}`);
  });
  return Array.from({ length: count }).reduce(async (all, _) => [...await all, await cycle()], Promise.resolve([]));
}

/** In the page: so many websockets at once, all with an echo; kept in window.held. */
function hold(count) {
  const open = (number) => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    socket.onopen = () => socket.send(`I am ${number}`);
    socket.onmessage = ({ data }) => resolve({ socket, data });
    socket.onclose = ({ code }) => reject(new Error(`websocket ${number}: ${code}`));
  });
  return Promise.all(Array.from({ length: count }, (_, number) => open(number))).then((held) => {
    window.held = held.map(({ socket }) => socket);
    return held.map(({ data }) => data);
  });
}

/** In the page: closes what is held; true when all ends were clean. */
function release() {
  const end = (socket) => new Promise((resolve) => {
    socket.onclose = ({ wasClean, code }) => resolve(wasClean && code === 1000);
    socket.close(1000);
  });
  return Promise.all(window.held.map(end)).then((ends) => ends.every((isClean) => isClean));
}

/** In the page: one websocket that is expected to fail after `message`; the code of its end. */
function failing(message) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    let seen = 'nothing';
    socket.onopen = () => socket.send(message);
    socket.onmessage = () => { seen = 'a message'; };
    socket.onclose = ({ code }) => resolve(`${seen}, ${code}`);
  });
}

/** Every session of the sample has ended, and there is room for the next. */
async function allEnded() {
  await until('the last session has ended', () => test.sample.sessions.length === test.opened);
  if (isBoard) await new Promise((resolve) => setTimeout(resolve, BOARD_MS));
}

async function slots() {
  const { page, wire, sample, errors } = test;
  // A page without a websocket of its own, from the same server: it may open some.
  await page.goto(`http://127.0.0.1:${wire.port}/page.css`);
  equal(`${CYCLES} connections, one after the other`, await page.evaluate(cycles, CYCLES),
    Array(CYCLES).fill('there and back 3000'));
  test.opened += CYCLES;
  for (const round of [1, 2]) {
    await allEnded();
    equal(`round ${round}: as many as there are contexts`, await page.evaluate(hold, CONTEXTS),
      Array.from({ length: CONTEXTS }, (_, number) => `I am ${number}`));
    test.opened += CONTEXTS;
    equal(`round ${round}: one more in the browser`, await page.evaluate(failing, 'x'), 'nothing, 1006');
    if (!isBoard) {
      equal(`round ${round}: one more`, await http.upgradeStatus(sample.port), 503);
      check('the browser names the status', errors.some((text) => text.includes('503')), errors);
    }
    errors.length = 0;
    check(`round ${round}: all are closed`, await page.evaluate(release));
  }
}

async function masks() {
  const { page, wire, sample, errors } = test;
  await allEnded();
  equal('frames of the browser without a mask', wire.browser.filter(({ masked }) => !masked), []);
  equal('frames of the device with a mask', wire.device.filter(({ masked }) => masked), []);
  test.counts = [wire.browser.length, wire.device.length];
  check('frames were seen', wire.browser.length > CYCLES * 2 && wire.device.length > POINTS, test.counts);
  // What the browser does when the device's frames are masked: the check above is no formality.
  wire.isMasking = true;
  equal('a masked frame of the device', await page.evaluate(failing, 'x'), 'nothing, 1006');
  wire.isMasking = false;
  check('the browser names the mask', errors.some((text) => text.includes('must not mask')), errors);
  errors.length = 0;
  test.opened += 1;
  await sample.session(test.opened);
  // And the other way round: "a" without a mask is answered with Close 1002, unmasked.
  const answer = await http.afterUpgrade(sample.port, [0x81, 1, 0x61]);
  equal('an unmasked frame of a client', [...answer.subarray(0, 4)], [0x88, answer.length - 2, 0x03, 0xea]);
  if (!isBoard) await until('the library has said so', () => /^.*closing with 1002\n$/.test(sample.errors));
  sample.errors = '';
  test.opened += 1;
}

async function endOfDevice() {
  const { page, wire, sample } = test;
  await page.goto(`http://127.0.0.1:${wire.port}/`);
  await state('open');
  test.opened += 1;
  await sample.end();
  await closed(1001, 'device');
  check('the reason is shown', (await page.textContent('#state')).includes('the device stops'));
  equal('the sample ends', [sample.status, sample.lines.at(-1)], [0, 'server_page: end']);
  equal('the sample complains of nothing', sample.errors, '');
  equal('every session has ended', sample.sessions.length, test.opened);
  check('every session was unregistered', sample.sessions.every(({ unregister }) => unregister === 0), sample.sessions);
}

async function main() {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'page-'));
  const sample = await start(program, words, Number(boardPort));
  const wire = await listen(sample.port);
  let context;
  try {
    // A board has Zephyr's HTTP server.
    test.opened = isBoard ? 0 : await http.run(sample);
    context = await chromium.launchPersistentContext(profile, {
      executablePath: browserProgram,
      headless: true,
      args: ARGUMENTS,
      viewport: { width: 1180, height: 580 },
      colorScheme: 'light',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = context.pages()[0] ?? await context.newPage();
    const errors = [];
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
    page.on('pageerror', (error) => errors.push(String(error)));
    Object.assign(test, { sample, wire, page, errors });
    for (const step of [echoes, chart, binary]) await step();
    await screenshot('page.png');
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot('page-dark.png');
    await page.emulateMedia({ colorScheme: 'light' });
    await closeCodes();
    equal('the page complains of nothing', errors, []);
    for (const step of [slots, masks]) await step();
    if (!isBoard) await endOfDevice();
    equal('the page complains of nothing', errors, []);
    const [fromBrowser, fromDevice] = test.counts;
    console.log(`page: PASS, ${passed()} checks, Chromium ${context.browser()?.version() ?? ''}, ` +
      `${fromBrowser} frames of the browser, all masked, ${fromDevice} of the device, none masked`);
  } catch (error) {
    console.error(`page: FAIL after ${passed()} checks: ${error.stack}`);
    console.error([...sample.lines.slice(-12), sample.errors].join('\n'));
    process.exitCode = 1;
  } finally {
    await context?.close();
    sample.kill();
    wire.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

main();
