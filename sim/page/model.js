// SPDX-License-Identifier: Apache-2.0
// What the page knows: the data of the run, what of it is shown, and where in the direction of time
// it belongs.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const kStory = 2, kChain = 1;
const kNamed = 2, kFailed = 4;
const kSendsKinds = new Set(['message-arrived', 'message-lost', 'message-sent', 'client-sends', 'client-receives', 'reply']);

const events = data.events.map(([id, cause, time, kind, node, shard, peer, flags, sent, tick, note, ...inputs]) =>
    ({id, cause, time, kind: data.kinds[kind], node, shard, peer, flags, sent, tick, note, inputs}));
const eventOf = new Map(events.map((event) => [event.id, event]));
const chain = data.chain.map((id) => eventOf.get(id)).filter(Boolean);
const operations = data.operations;
const told = operations.filter((operation) => operation.flags & (kNamed | kFailed));
const failing = operations.find((operation) => operation.flags & kFailed && operation.flags & kNamed) ||
    operations.find((operation) => operation.flags & kFailed);

const asked = new Map(), ended = new Map();
for (const operation of operations) {
  for (const [map, id] of [[asked, operation.asked], [ended, operation.ended]]) {
    if (!map.has(id)) map.set(id, []);
    map.get(id).push(operation);
  }
}
const followers = new Map();
for (const event of events) {
  if (!followers.has(event.cause)) followers.set(event.cause, []);
  followers.get(event.cause).push(event);
}

const state = {focus: 'all', scale: 'time', from: 0, to: 1, top: 0, selected: null};

// What `why` and `gdb` call an event.
function stepOf(id) {
  const event = eventOf.get(id);
  return event && event.tick ? event.tick : id;
}

function seconds(us) { return (us / 1e6).toFixed(6) + ' s'; }
function span(us) {
  if (us < 1000) return us + ' µs';
  return us < 1e6 ? (us / 1000).toFixed(us < 1e4 ? 2 : 1) + ' ms' : (us / 1e6).toFixed(us < 1e7 ? 2 : 1) + ' s';
}

function isNear(event) {
  return (event.flags & kStory) && told.some((operation) => operation.asked <= event.id && event.id <= operation.ended);
}
function isShown(event) {
  if (state.focus === 'all' || (event.flags & kChain)) return true;
  return state.focus === 'key' ? (event.flags & kStory) !== 0 : isNear(event);
}
function isOperationShown(operation) {
  if (state.focus === 'all' || (operation.flags & (kNamed | kFailed))) return true;
  return state.focus === 'key' && (operation.flags & 1) !== 0;
}

// What is shown, made anew when the focus changes.
let shown = [], shownOperations = [], rankOf = new Map(), times = [];
function choose() {
  shown = events.filter(isShown);
  shownOperations = operations.filter(isOperationShown);
  rankOf = new Map(shown.map((event, rank) => [event.id, rank]));
  times = shown.map((event) => event.time);
  layRows();
}

function lowerBound(list, value) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1; else high = middle;
  }
  return low;
}

// The place of a time, or of an event, in the scale that is chosen.
const kFar = 1e5;
function placeAt(time) {
  if (state.scale === 'time') return time;
  // What is not between the first and the last event that is shown is out of sight.
  if (times.length === 0 || time < times[0]) return -kFar;
  if (time > times[times.length - 1]) return times.length + kFar;
  const rank = lowerBound(times, time);
  if (times[rank] === time) return rank;
  return rank - 1 + (time - times[rank - 1]) / Math.max(1, times[rank] - times[rank - 1]);
}
function placeOf(id, time) {
  if (state.scale === 'time') return time;
  const rank = rankOf.get(id);
  return rank === undefined ? Math.max(-1, Math.min(times.length, placeAt(time))) : rank;
}
function timeAt(place) {
  if (state.scale === 'time') return place;
  if (times.length === 0) return 0;
  const rank = Math.max(0, Math.min(times.length - 1, place));
  const low = Math.floor(rank), high = Math.min(times.length - 1, low + 1);
  return times[low] + (times[high] - times[low]) * (rank - low);
}

// Lanes: where each client and node is, from the top.
const kAxis = 30, kGutter = 112, kGap = 26;
let clientRow = 18;
const lanes = {clients: new Map(), nodes: new Map(), height: 0};
const rowOf = new Map();

// Operations of a client that are under way at once have a row each.
function layRows() {
  rowOf.clear();
  const rows = new Map();
  const order = [...shownOperations].sort((a, b) => (b.flags & 6) - (a.flags & 6) || a.from - b.from || a.n - b.n);
  for (const operation of order) {
    if (!rows.has(operation.client)) rows.set(operation.client, []);
    const taken = rows.get(operation.client);
    const free = (row) => row.every((other) => other.until <= operation.from || operation.until <= other.from);
    let row = taken.slice(0, 6).findIndex(free);
    if (row < 0) row = taken.length < 6 ? taken.length : 5;
    if (!taken[row]) taken[row] = [];
    taken[row].push(operation);
    rowOf.set(operation.n, row);
  }
  const all = [...rows.values()].reduce((sum, list) => sum + list.length, 0);
  const between = rows.size > 8 ? 4 : rows.size > 3 ? 6 : 12;
  clientRow = Math.max(5, Math.min(22, (stageHeight() * 0.42 - rows.size * between) / Math.max(1, all)));
  let y = kAxis + 14;
  lanes.clients.clear();
  for (const client of data.clients) {
    if (!rows.has(client)) continue;
    const height = rows.get(client).length * clientRow;
    lanes.clients.set(client, {y, height, middle: y + height / 2, bottom: y + height});
    y += height + between;
  }
  lanes.divide = y + 2;
  y += kGap;
  lanes.nodes.clear();
  const room = Math.max(0, stageHeight() - y - 10);
  const busy = new Set();
  for (const event of shown) busy.add(event.node).add(/message/.test(event.kind) ? event.peer : -1);
  const seen = data.nodes.filter((node) => state.focus === 'all' || busy.has(node.index));
  const gap = seen.length > 8 ? 7 : 12;
  const height = Math.max(34, Math.min(190, room / Math.max(1, seen.length) - gap));
  for (const node of seen) {
    lanes.nodes.set(node.index, {y, height, middle: y + height / 2, node});
    y += height + gap;
  }
  lanes.height = y;
}
function stageHeight() { return document.getElementById('stage').clientHeight; }
function stageWidth() { return document.getElementById('stage').clientWidth; }

function nodeY(index, shard) {
  const lane = lanes.nodes.get(index);
  if (!lane) return null;
  const life = lane.node.lives.length ? Math.max(...lane.node.lives.map((entry) => entry[3])) : 1;
  return lane.y + lane.height * 0.3 + (lane.height * 0.48 * (Math.min(shard, life - 1) + 0.5)) / life;
}
function clientY(index) {
  const lane = lanes.clients.get(index);
  return lane ? lane.bottom : null;
}

// The two ends of an event: where it left from, and where it happened. [place, y], or null.
function endsOf(event) {
  const at = placeOf(event.id, event.time);
  // In a recording nobody knows when most of what came in had left.
  const left = kSendsKinds.has(event.kind) && event.cause ? placeOf(event.cause, event.sent) : at;
  const node = event.node < 0 ? null : nodeY(event.node, event.shard);
  switch (event.kind) {
    case 'message-arrived':
    case 'message-sent':
    case 'message-lost': {
      const cause = eventOf.get(event.cause);
      const from = nodeY(event.peer, cause && cause.node === event.peer ? cause.shard : 0);
      return {from: from === null ? null : [left, from], to: node === null ? null : [at, node]};
    }
    case 'client-sends':
    case 'connection-opened':
    case 'connection-closed': {
      const from = clientY(event.peer);
      return {from: from === null ? null : [left, from], to: node === null ? null : [at, node]};
    }
    case 'reply':
    case 'client-receives': {
      const to = clientY(event.peer);
      return {from: node === null ? null : [left, node], to: to === null ? null : [at, to]};
    }
    case 'client-wakes': {
      const to = clientY(event.peer);
      return {from: null, to: to === null ? null : [at, to]};
    }
    default:
      return {from: null, to: event.node < 0 ? [at, kAxis - 4] : node === null ? null : [at, node]};
  }
}

function familyOf(kind) {
  if (/clock|freeze|monotonic|wall/.test(kind)) return 'clock';
  if (/disk|commit|sync|read-error|rot|write|direction|rollback|wipe/.test(kind)) return 'disk';
  return /crash|pause|stop|cpu/.test(kind) ? 'process' : 'net';
}
