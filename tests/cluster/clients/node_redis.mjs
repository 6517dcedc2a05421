// SPDX-License-Identifier: Apache-2.0
// node-redis with RESP2 and with RESP3. Usage: node node_redis.mjs PORT [AUTHORITY PASSWORD]
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createClient } from 'redis';
import { tour } from './tour.mjs';

const [port, authority, password] = process.argv.slice(2);
const options = authority
  ? { url: `rediss://localhost:${port}`, password, socket: { ca: readFileSync(authority) } }
  : { url: `redis://127.0.0.1:${port}` };

for (const RESP of [2, 3]) {
  const client = createClient({ ...options, RESP });
  client.on('error', (error) => {
    throw error;
  });
  await client.connect();
  await tour((...words) => client.sendCommand(words), `node-redis-${RESP}`);
  await client.hSet('objects', { name: 'n', size: '3' });
  assert.deepEqual({ ...(await client.hGetAll('objects')) }, { name: 'n', size: '3' });
  assert.match(await client.info('server'), /redis_version:7/);
  assert.equal(await client.hGet('objects', 'absent'), null);
  await client.close();
}
console.log('ok');
