// SPDX-License-Identifier: Apache-2.0
// ioredis, which looks at INFO before it is ready. Usage: node ioredis.mjs PORT [AUTHORITY PASSWORD]
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Redis from 'ioredis';
import { tour } from './tour.mjs';

const [port, authority, password] = process.argv.slice(2);
const options = { host: 'localhost', port: Number(port), connectionName: 'tour', maxRetriesPerRequest: 1 };
const secure = authority ? { tls: { ca: readFileSync(authority) }, password } : { host: '127.0.0.1' };
const client = new Redis({ ...options, ...secure });
await tour((...words) => client.call(...words), 'ioredis');
assert.equal(await client.call('CLIENT', 'GETNAME'), 'tour');
const replies = await client.pipeline().set('a', 1).incr('a').hset('h', 'f', 'v').hgetall('h').exec();
assert.deepEqual(replies, [[null, 'OK'], [null, 2], [null, 1], [null, { f: 'v' }]]);
assert.equal((await client.getBuffer('a')).toString(), '2');
await client.quit();
console.log('ok');
