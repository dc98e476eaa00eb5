// SPDX-License-Identifier: Apache-2.0
// Counted assertions, and waiting that ends.
'use strict';

const assert = require('node:assert/strict');

const PATIENCE_MS = 15_000;

let passed = 0;

/** Fails the test with this name where `condition` does not hold. */
function check(name, condition, seen) {
  assert.ok(condition, seen === undefined ? name : `${name}: ${inspect(seen)}`);
  passed += 1;
}

function equal(name, seen, wanted) {
  assert.deepEqual(seen, wanted, `${name}: ${inspect(seen)}, not ${inspect(wanted)}`);
  passed += 1;
}

const inspect = (value) => JSON.stringify(value)?.slice(0, 400);

/** Waits for what a function returns to be true; returns it. */
async function until(name, condition) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`${name}: not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

module.exports = { check, equal, until, PATIENCE_MS, passed: () => passed };
