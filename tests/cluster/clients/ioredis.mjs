// SPDX-License-Identifier: Apache-2.0
// ioredis, which looks at INFO before it is ready. Usage: node ioredis.mjs PORT
import assert from 'node:assert/strict';
import Redis from 'ioredis';
import { tour } from './tour.mjs';

const client = new Redis({ port: Number(process.argv[2]), connectionName: 'tour', maxRetriesPerRequest: 1 });
await tour((...words) => client.call(...words), 'ioredis');
assert.equal(await client.call('CLIENT', 'GETNAME'), 'tour');
const replies = await client.pipeline().set('a', 1).incr('a').hset('h', 'f', 'v').hgetall('h').exec();
assert.deepEqual(replies, [[null, 'OK'], [null, 2], [null, 1], [null, { f: 'v' }]]);
assert.equal((await client.getBuffer('a')).toString(), '2');
await client.quit();
console.log('ok');
