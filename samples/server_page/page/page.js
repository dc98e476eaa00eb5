// SPDX-License-Identifier: Apache-2.0
// Talks to the device over one websocket: draws what it measures, shows what it echoes and how the connection ended.
'use strict';

const SHOWN_VALUES = 150;
const SHOWN_LINES = 200;
const LARGE = 64 * 1024;

const element = (id) => document.getElementById(id);
const [state, log, chart, facts] = ['state', 'log', 'chart', 'facts'].map(element);

let socket;
let values = [];
let drawn = 0;
// What was sent and has not come back, in order: the device echoes one message after the other.
let pending = [];

/* ------------------------------------------------------------------------------------- connection */

function connect() {
  const address = new URL('/ws', location);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  show('connecting', 'waiting');
  socket = new WebSocket(address);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    pending = [];
    show('connected', 'open');
    line('note', 'state', `connected to ${address.host}`);
    socket.send(`/live ${element('interval').value}`);
  };
  socket.onmessage = ({ data }) => receive(data);
  socket.onclose = ({ code, reason, wasClean }) => {
    state.dataset.code = code;
    show(`closed: ${code}${reason ? ` “${reason}”` : ''}`, 'closed');
    const how = wasClean ? 'with a closing handshake' : 'without a closing handshake';
    line(wasClean ? 'note' : 'trouble', 'state', `closed with ${code}, ${how}`);
  };
}

function show(text, kind) {
  state.textContent = text;
  state.className = `pill ${kind}`;
  const isOpen = kind === 'open';
  if (isOpen) delete state.dataset.code;
  for (const control of document.querySelectorAll('form *, .buttons *, select')) control.disabled = !isOpen;
  element('reconnect').disabled = kind !== 'closed';
}

function receive(data) {
  const isEcho = pending.length > 0 && isSame(pending[0], data);
  if (isEcho) pending.shift();
  if (typeof data !== 'string') {
    const verdict = isEcho ? 'came back intact' : isPattern(data) ? 'from the device, intact' : 'NOT as expected';
    line(verdict.startsWith('NOT') ? 'trouble' : 'received', 'received',
      `${data.byteLength.toLocaleString('en')} octets, ${verdict}`);
  } else if (!isEcho && data.startsWith('{"live":')) {
    drawValue(JSON.parse(data).live);
  } else {
    line('received', 'received', data);
  }
}

function isSame(sent, received) {
  if (typeof sent === 'string' || typeof received === 'string') return sent === received;
  const [a, b] = [new Uint8Array(sent), new Uint8Array(received)];
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}

/** What the device sends when it is asked for octets. */
function isPattern(data) {
  return new Uint8Array(data).every((octet, index) => octet === index % 251);
}

function send(data) {
  if (typeof data !== 'string') {
    line('sent', 'sent', `${data.byteLength.toLocaleString('en')} octets`);
    pending.push(data);
  } else {
    line('sent', 'sent', data);
    if (!data.startsWith('/')) pending.push(data);
  }
  socket.send(data);
}

/* -------------------------------------------------------------------------------------------- log */

function line(kind, label, text) {
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  const [item, time, what, content] = ['li', 'time', 'b', 'span'].map((name) => document.createElement(name));
  item.className = kind;
  time.textContent = new Date().toLocaleTimeString('en-GB');
  what.textContent = label;
  content.textContent = text.length > 500 ? `${text.slice(0, 500)} … (${text.length} characters)` : text;
  item.append(time, what, content);
  log.append(item);
  while (log.childElementCount > SHOWN_LINES) log.firstElementChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

/* ------------------------------------------------------------------------------------------ chart */

function drawValue({ n, ms, value }) {
  const previous = values.at(-1);
  // A gap in the numbers, or a new connection, begins a new curve.
  if (previous && previous.n + 1 !== n) values = [];
  values.push({ n, ms, value });
  if (values.length > SHOWN_VALUES) values.shift();
  drawn += 1;
  chart.dataset.points = drawn;
  element('value').textContent = value.toFixed(2);
  const seconds = (values.at(-1).ms - values[0].ms) / 1000;
  const rate = seconds > 0 ? ((values.length - 1) / seconds).toFixed(1) : '–';
  facts.textContent = `${drawn.toLocaleString('en')} values, ${rate} per second, ` +
    `lowest ${lowest().toFixed(2)}, highest ${highest().toFixed(2)}`;
  requestAnimationFrame(drawChart);
}

const lowest = () => Math.min(...values.map(({ value }) => value));
const highest = () => Math.max(...values.map(({ value }) => value));

function drawChart() {
  const context = chart.getContext('2d');
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [chart.clientWidth, chart.clientHeight];
  if (chart.width !== width * scale || chart.height !== height * scale) {
    chart.width = width * scale;
    chart.height = height * scale;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  if (values.length === 0) return;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const [left, top, right, bottom] = [44, 10, width - 10, height - 30];
  const step = highest() - lowest() > 2 ? 1 : 0.5;
  const low = Math.floor(lowest() / step) * step;
  const high = Math.max(Math.ceil(highest() / step) * step, low + 2 * step);
  const x = (index) => right - ((values.length - 1 - index) / (SHOWN_VALUES - 1)) * (right - left);
  const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);

  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  for (let value = low; value <= high; value += step) {
    const at = Math.round(y(value)) + 0.5;
    context.strokeStyle = colour('--line');
    context.beginPath();
    context.moveTo(left, at);
    context.lineTo(right, at);
    context.stroke();
    context.fillStyle = colour('--soft');
    context.fillText(value.toFixed(1), left - 8, at);
  }
  context.fillText('now', right, bottom + 18);
  const interval = values.length > 1 ? (values.at(-1).ms - values[0].ms) / (values.length - 1) : 0;
  if (interval > 0) {
    context.textAlign = 'left';
    context.fillText(`${Math.round((interval * (SHOWN_VALUES - 1)) / 1000)} s ago`, left, bottom + 18);
  }

  context.beginPath();
  values.forEach(({ value }, index) => context.lineTo(x(index), y(value)));
  context.strokeStyle = colour('--accent');
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.stroke();
  context.lineTo(right, bottom);
  context.lineTo(x(0), bottom);
  context.fillStyle = colour('--accent-soft');
  context.fill();
  context.beginPath();
  context.arc(right, y(values.at(-1).value), 4, 0, 2 * Math.PI);
  context.fillStyle = colour('--accent');
  context.fill();
}

/* --------------------------------------------------------------------------------------- controls */

element('form').onsubmit = (event) => {
  event.preventDefault();
  const text = element('text');
  if (text.value !== '') send(text.value);
  text.value = '';
};
for (const button of document.querySelectorAll('[data-command]')) {
  button.onclick = () => send(button.dataset.command);
}
element('large').onclick = () => {
  const octets = new Uint8Array(LARGE);
  crypto.getRandomValues(octets);
  send(octets.buffer);
};
element('close').onclick = () => socket.close(4001, 'closed by the page');
element('reconnect').onclick = connect;
element('interval').onchange = ({ target }) => socket.send(`/live ${target.value}`);
new ResizeObserver(drawChart).observe(chart);

connect();
