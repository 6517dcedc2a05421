// SPDX-License-Identifier: Apache-2.0
// What a client library is asked to do, whichever it is: `call` sends one command and gives its reply.
import assert from 'node:assert/strict';

export async function tour(call, label) {
  const key = (name) => `${label}:${name}`;
  assert.equal(await call('PING'), 'PONG');
  assert.equal(await call('SET', key('text'), 'välue'), 'OK');
  assert.equal(await call('GET', key('text')), 'välue');
  assert.equal(await call('GET', key('absent')), null);
  assert.equal(await call('SET', key('fading'), 'x', 'PX', '60000'), 'OK');
  const left = await call('PTTL', key('fading'));
  assert.ok(left > 50000 && left <= 60000, `PTTL ${left}`);
  assert.equal(await call('INCRBY', key('number'), '5'), 5);
  assert.equal(await call('HSET', key('hash'), 'a', '1', 'b', '2'), 2);
  assert.deepEqual(await call('HMGET', key('hash'), 'b', 'c', 'a'), ['2', null, '1']);
  assert.equal(await call('MSET', key('m1'), '1', key('m2'), '2'), 'OK');
  assert.deepEqual(await call('MGET', key('m2'), key('m1'), key('m3')), ['2', '1', null]);
  assert.equal(await call('DEL', key('m1'), key('m2'), key('m3')), 2);
  assert.equal(await call('EXISTS', key('m1')), 0);
  await assert.rejects(call('NOSUCHCOMMAND'), /unknown command/);
  await assert.rejects(call('INCR', key('text')), /not an integer/);

  // A thousand at once go out as a pipeline; each answer belongs to its question.
  const many = Array.from({ length: 1000 }, (_, i) => i);
  await Promise.all(many.map((i) => call('SET', key(`p${i}`), String(i))));
  assert.deepEqual(await Promise.all(many.map((i) => call('GET', key(`p${i}`)))), many.map(String));

  const seen = new Set();
  let cursor = '0';
  do {
    const [next, keys] = await call('SCAN', cursor, 'MATCH', `${label}:p*`, 'COUNT', '100');
    keys.forEach((k) => seen.add(k));
    cursor = String(next);
  } while (cursor !== '0');
  assert.equal(seen.size, 1000);
}
