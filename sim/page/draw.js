// SPDX-License-Identifier: Apache-2.0
// Draws what is shown: the many on a canvas, the few that matter as elements above it.

const crowd = document.getElementById('crowd');
const marks = document.getElementById('marks');
const overview = document.getElementById('overview');
let colours = {};
let hits = [];  // what can be pointed at, the uppermost last

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ['ground', 'paper', 'ink', 'quiet', 'faint', 'rule', 'lane', 'up', 'down', 'crowd', 'story', 'lost',
    'late', 'ok', 'error', 'unknown', 'promise', 'fail', 'chain', 'net', 'disk', 'clock', 'process', 'band', 'band-ink']) {
    colours[name] = style.getPropertyValue('--' + name).trim();
  }
}

function x(place) {
  return kGutter + ((place - state.from) / (state.to - state.from)) * (stageWidth() - kGutter);
}
function placeOfX(at) {
  return state.from + ((at - kGutter) / (stageWidth() - kGutter)) * (state.to - state.from);
}

function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = '11px ' + getComputedStyle(document.body).fontFamily;
  pen.textBaseline = 'middle';
  return pen;
}

function draw() {
  hits = [];
  const pen = prepare(crowd);
  pen.save();
  pen.beginPath();
  pen.rect(kGutter, kAxis, stageWidth() - kGutter, stageHeight() - kAxis);
  pen.clip();
  pen.translate(0, -state.top);
  drawLanes(pen);
  drawFaults(pen);
  drawPhases(pen);
  drawMessages(pen);
  drawEvents(pen);
  drawOperations(pen);
  pen.restore();
  drawAxis(pen);
  drawGutter(pen);
  drawMarks();
  drawOverview();
  const bounds = marks.getBoundingClientRect();
  document.body.dataset.stage = [bounds.left, bounds.top, bounds.width, bounds.height].map(Math.round).join(' ');
  document.body.dataset.view = `${innerWidth} ${innerHeight}`;
}

function drawLanes(pen) {
  const right = stageWidth();
  for (const lane of [...lanes.nodes.values()]) {
    pen.fillStyle = colours.down;
    pen.fillRect(kGutter, lane.y, right - kGutter, lane.height);
    for (const life of lane.node.lives) {
      const [from, until, number, shards, end] = life;
      const left = x(placeAt(from)), to = end === 'up' ? right : x(placeAt(until));
      if (to < kGutter || left > right) continue;
      pen.fillStyle = colours.lane;
      pen.fillRect(left, lane.y, to - left, lane.height);
      pen.fillStyle = colours.faint;
      if (number && to - Math.max(left, kGutter) > 90) {
        pen.fillText(`life ${number}, ${shards} shard${shards === 1 ? '' : 's'}`, Math.max(left, kGutter) + 6, lane.y + lane.height - 8);
      }
      pen.strokeStyle = colours.up;
      pen.lineWidth = 1;
      for (let shard = 0; shard < shards; ++shard) {
        const y = nodeY(lane.node.index, shard);
        pen.beginPath();
        pen.moveTo(left, y);
        pen.lineTo(to, y);
        pen.stroke();
      }
      if (end !== 'up') {
        pen.strokeStyle = end === 'crashed' ? colours.lost : colours.up;
        pen.lineWidth = 2;
        cross(pen, to, lane.middle, 5);
        hits.push({life, node: lane.node, x: to, y: lane.middle - state.top, tip: `node ${lane.node.index} ${end} at ${seconds(until)}`});
      }
    }
    if (!lane.node.lives.some(([from, until]) => from <= timeAt(state.from) && until >= timeAt(state.from))) {
      pen.fillStyle = colours.faint;
      pen.fillText('down', kGutter + 6, lane.y + lane.height - 8);
    }
  }
}

function cross(pen, at, y, size) {
  pen.beginPath();
  pen.moveTo(at - size, y - size);
  pen.lineTo(at + size, y + size);
  pen.moveTo(at - size, y + size);
  pen.lineTo(at + size, y - size);
  pen.stroke();
}

function bandColour(kind, alpha) { return `hsla(${colours[familyOf(kind)]}, ${colours.band}, ${alpha})`; }

// Those that overlap on a lane are stacked.
function drawFaults(pen) {
  const right = stageWidth();
  const stacked = new Map();
  for (const fault of data.faults) {
    const left = x(placeAt(fault.from)), to = Math.max(x(placeAt(fault.until)), left + 2);
    if (to < kGutter || left > right) continue;
    for (const index of fault.nodes) {
      const lane = lanes.nodes.get(index);
      if (!lane) continue;
      if (!stacked.has(index)) stacked.set(index, []);
      const rows = stacked.get(index);
      let row = rows.findIndex((end) => end <= left);
      if (row < 0) row = rows.length;
      rows[row] = to;
      const begin = Math.max(left, kGutter);
      pen.fillStyle = bandColour(fault.kind, fault.kind === 'pause' ? 0.3 : 0.1);
      pen.fillRect(begin, lane.y, to - begin, lane.height);
      const y = lane.y + 1 + (row % 3) * 12;
      pen.fillStyle = bandColour(fault.kind, 0.28);
      pen.fillRect(begin, y, to - begin, 11);
      const label = `${fault.kind} #${fault.id}`;
      if (Math.min(to, right) - begin > pen.measureText(label).width + 8) {
        pen.fillStyle = `hsl(${colours[familyOf(fault.kind)]}, ${colours['band-ink']})`;
        pen.fillText(label, begin + 4, y + 6);
      }
      hits.push({fault, box: [begin, y - state.top, to, y + 11 - state.top], tip: `${fault.text}: ${fault.effects} effects`});
    }
  }
}

function drawPhases(pen) {
  pen.setLineDash([2, 4]);
  pen.lineWidth = 1;
  const written = [];
  const isFree = (at) => written.every((other) => Math.abs(at - other) > 54) && written.push(at) > 0;
  for (const [time, name] of data.run.phases) {
    const at = x(placeAt(time));
    if (at < kGutter || at > stageWidth()) continue;
    pen.strokeStyle = colours.faint;
    pen.beginPath();
    pen.moveTo(at, kAxis);
    pen.lineTo(at, lanes.height);
    pen.stroke();
    pen.fillStyle = colours.quiet;
    if (isFree(at)) pen.fillText(name, at + 4, lanes.divide + 7);
  }
  // Where the order of events hides that much time has passed.
  for (let rank = 1; state.scale === 'order' && rank < times.length; ++rank) {
    const gap = times[rank] - times[rank - 1];
    const at = x(rank - 0.5);
    if (gap < 100000 || at < kGutter || at > stageWidth()) continue;
    pen.strokeStyle = colours.faint;
    pen.beginPath();
    pen.moveTo(at, kAxis);
    pen.lineTo(at, lanes.height);
    pen.stroke();
    pen.fillStyle = colours.quiet;
    pen.textAlign = 'center';
    if (isFree(at)) pen.fillText(span(gap), at, lanes.divide + 7);
    pen.textAlign = 'start';
  }
  pen.setLineDash([]);
}

function isLate(event) { return event.kind === 'message-arrived' && event.time - event.sent > data.run.late; }

function styleOf(event) {
  if (event.kind === 'message-lost') return [colours.lost, 1.2, [4, 3]];
  if (isLate(event)) return [colours.late, 1.3, [6, 3]];
  return event.flags & kStory ? [colours.story, 1.2, []] : [colours.crowd, 0.8, []];
}

function drawMessages(pen) {
  const right = stageWidth();
  for (const event of shown) {
    if (!kSendsKinds.has(event.kind)) continue;
    const {from, to} = endsOf(event);
    const left = x((from || to || [0])[0]), end = x((to || from || [0])[0]);
    if ((!from && !to) || Math.max(left, end) < kGutter || Math.min(left, end) > right) continue;
    let y0 = from ? from[1] : to[1] - 14, y1 = to ? to[1] : from[1] + 14;
    let reach = end;
    [pen.strokeStyle, pen.lineWidth] = styleOf(event);
    pen.setLineDash(styleOf(event)[2]);
    const lost = event.kind === 'message-lost';
    if (lost) {  // it does not come to where it was sent to
      reach = left + Math.max(end - left, 14) * 0.6;
      y1 = y0 + (y1 - y0) * 0.6;
    }
    pen.beginPath();
    pen.moveTo(left, y0);
    pen.lineTo(reach, y1);
    pen.stroke();
    pen.setLineDash([]);
    if (lost) {
      cross(pen, reach, y1, 3.5);
    } else if (Math.hypot(reach - left, y1 - y0) > 24) {
      arrow(pen, left, y0, reach, y1);
    }
    hits.push({event, line: [left, y0 - state.top, reach, y1 - state.top], tip: tipOf(event)});
  }
}

function arrow(pen, x0, y0, x1, y1) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  pen.fillStyle = pen.strokeStyle;
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x1 - 7 * Math.cos(angle - 0.35), y1 - 7 * Math.sin(angle - 0.35));
  pen.lineTo(x1 - 7 * Math.cos(angle + 0.35), y1 - 7 * Math.sin(angle + 0.35));
  pen.fill();
}

function tipOf(event) {
  const where = event.node < 0 ? '' : ` at node ${event.node}`;
  const late = isLate(event) ? `, late: ${span(event.time - event.sent)} on its way` : '';
  return `#${event.id} ${event.kind}${where}${event.note ? ': ' + event.note : ''}${late}`;
}

function drawEvents(pen) {
  const right = stageWidth();
  for (const event of shown) {
    if (kSendsKinds.has(event.kind)) continue;
    const {to} = endsOf(event);
    if (!to) continue;
    const at = x(to[0]);
    if (at < kGutter - 4 || at > right + 4) continue;
    pen.fillStyle = event.flags & kStory ? colours.story : colours.up;
    if (event.kind === 'tick') {
      pen.fillRect(at - 1.5, to[1] - 5, 3, 10);
    } else if (event.kind === 'commit-done' || event.kind === 'scan-done') {
      pen.beginPath();
      pen.moveTo(at, to[1] - 4);
      pen.lineTo(at + 4, to[1]);
      pen.lineTo(at, to[1] + 4);
      pen.lineTo(at - 4, to[1]);
      pen.fill();
    } else {
      pen.beginPath();
      pen.arc(at, to[1], 2.2, 0, 7);
      pen.fill();
    }
    hits.push({event, x: at, y: to[1] - state.top, tip: tipOf(event)});
  }
}

function boxOf(operation) {
  const lane = lanes.clients.get(operation.client);
  if (!lane) return null;
  const left = x(placeOf(operation.asked, operation.from));
  const right = Math.max(x(placeOf(operation.ended, operation.until)), left + 3);
  const y = lane.y + rowOf.get(operation.n) * clientRow;
  const edge = clientRow > 10 ? 2 : 0.5;
  return [left, y + edge, right, y + clientRow - edge];
}

function drawOperations(pen) {
  for (const operation of shownOperations) {
    const box = boxOf(operation);
    if (!box || box[2] < kGutter || box[0] > stageWidth()) continue;
    const [left, top, right, bottom] = box;
    pen.fillStyle = operation.verdict === 'open' ? colours.unknown : colours[operation.verdict];
    pen.globalAlpha = operation.flags & 1 ? 0.95 : 0.5;
    pen.fillRect(left, top, right - left, bottom - top);
    pen.globalAlpha = 1;
    const begin = Math.max(left, kGutter) + 5;
    const label = operation.command + ' = ' + operation.answer;
    if (!(operation.flags & 6) && clientRow > 13 && Math.min(right, stageWidth()) - begin > 60) {
      pen.save();
      pen.beginPath();
      pen.rect(left, top, right - left - 3, bottom - top);
      pen.clip();
      pen.fillStyle = colours.ink;
      pen.fillText(label, begin, (top + bottom) / 2 + 0.5);
      pen.restore();
    }
    hits.push({operation, box: [left, top - state.top, right, bottom - state.top], tip: `operation ${operation.n} of client ${operation.client}: ${label}`});
  }
}

function drawAxis(pen) {
  const width = stageWidth();
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, width, kAxis);
  pen.strokeStyle = colours.rule;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(0, kAxis - 0.5);
  pen.lineTo(width, kAxis - 0.5);
  pen.stroke();
  pen.fillStyle = colours.quiet;
  const digits = Math.max(0, Math.min(6, Math.ceil(Math.log10(1.2e8 / Math.max(1, timeAt(state.to) - timeAt(state.from))))));
  if (state.scale === 'time') {
    const step = niceStep((state.to - state.from) / (width - kGutter) * 120);
    for (let time = Math.ceil(state.from / step) * step; time <= state.to; time += step) tick(pen, x(time), (time / 1e6).toFixed(digits) + ' s');
    return;
  }
  let last = -Infinity;
  for (let rank = Math.max(0, Math.ceil(state.from)); rank < times.length && rank <= state.to; ++rank) {
    const at = x(rank);
    if (at - last < 104) continue;
    tick(pen, at, (times[rank] / 1e6).toFixed(Math.max(4, digits)) + ' s');
    last = at;
  }
}
function tick(pen, at, text) {
  pen.beginPath();
  pen.moveTo(at, kAxis - 6);
  pen.lineTo(at, kAxis);
  pen.stroke();
  pen.fillText(text, at + 3, kAxis / 2);
}
function niceStep(least) {
  for (let step = 1; ; step *= 10) {
    for (const factor of [1, 2, 5]) if (step * factor >= least) return step * factor;
  }
}

function drawGutter(pen) {
  pen.fillStyle = colours.ground;
  pen.fillRect(0, kAxis, kGutter, stageHeight());
  pen.save();
  pen.beginPath();
  pen.rect(0, kAxis, kGutter, stageHeight());
  pen.clip();
  pen.translate(0, -state.top);
  const label = (text, y, colour, bold) => {
    pen.fillStyle = colour;
    pen.font = (bold ? '600 12px ' : '11px ') + getComputedStyle(document.body).fontFamily;
    pen.fillText(text, 16, y);
  };
  for (const [client, lane] of lanes.clients) label('client ' + client, lane.middle, colours.quiet, false);
  for (const [index, lane] of lanes.nodes) {
    label('node ' + index, lane.middle - 6, colours.ink, true);
    const place = lane.node.place;
    label(place.length > 14 ? place.slice(0, 13) + '…' : place, lane.middle + 9, colours.faint, false);
  }
  pen.restore();
}

function element(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  marks.appendChild(made);
  return made;
}

// Inside of it where there is room, else beside it.
function writeOn(operation, fails, left, top, right, height) {
  const text = (fails ? '✗ ' : '') + `${operation.command} = ${operation.answer}`;
  const fits = Math.floor((right - left - 14) / 6.6);
  const inside = height >= 12 && fits >= Math.min(text.length, 22);
  const before = left > stageWidth() * 0.6;
  const most = inside ? fits : Math.min(70, Math.floor((before ? left - kGutter : stageWidth() - right) / 6.6) - 2);
  element('text', {
    class: 'bold ' + (fails ? (inside ? 'on' : 'fail') : inside ? 'in' : 'promise'),
    x: inside ? left + 7 : before ? left - 6 : right + 7, y: top + height / 2 + 4, 'text-anchor': !inside && before ? 'end' : 'start',
  }, text.length > most ? text.slice(0, Math.max(1, most - 1)) + '…' : text);
}

// The failing operation, those that the failure names, and the chain of causes.
function drawMarks() {
  marks.replaceChildren();
  const width = stageWidth();
  const inside = (at, y) => at >= kGutter - 1 && at <= width && y >= kAxis;
  for (const operation of told) {
    const box = boxOf(operation);
    if (!box || box[2] < kGutter || box[0] > width) continue;
    const left = Math.max(box[0], kGutter), top = box[1] - state.top, right = Math.min(box[2], width);
    if (top < kAxis - 4) continue;
    const fails = operation.flags & kFailed && (operation.flags & kNamed || operation === failing);
    element('rect', {
      class: fails ? 'failing' : 'named', id: operation === failing ? 'failing' : 'operation-' + operation.n,
      'data-operation': operation.n, x: left, y: top, width: right - left, height: box[3] - box[1], rx: 3,
    });
    writeOn(operation, fails, left, top, right, box[3] - box[1]);
  }
  const way = [];
  let lastLabel = -Infinity;
  for (const event of chain) {
    const {from, to} = endsOf(event);
    for (const end of [from, to]) if (end) way.push([x(end[0]), end[1] - state.top]);
  }
  const clipped = way.filter(([at, y]) => at > kGutter - 3000 && at < width + 3000 && y > kAxis - 40);
  if (clipped.length > 1) {
    element('clipPath', {id: 'lanes'}).innerHTML = `<rect x="${kGutter}" y="${kAxis - 8}" width="${Math.max(0, width - kGutter)}" height="4000"/>`;
    element('polyline', {class: 'way', id: 'way', points: clipped.map((point) => point.map((n) => n.toFixed(1)).join(',')).join(' '), 'clip-path': 'url(#lanes)'});
  }
  for (const event of chain) {
    const end = endsOf(event).to || endsOf(event).from;
    if (!end) continue;
    const at = x(end[0]), y = end[1] - state.top;
    if (!inside(at, y + 8)) continue;
    const final = data.failure && event.id === data.failure.event;
    element('circle', {class: 'link' + (final ? ' end' : ''), 'data-event': event.id, cx: at.toFixed(1), cy: y.toFixed(1), r: final ? 6 : 4.5});
    if (final || Math.abs(at - lastLabel) > 62) {
      const before = at > width - 60;
      element('text', {x: at + (before ? -7 : 7), y: y < lanes.divide - state.top ? y + 17 : y - 8, 'text-anchor': before ? 'end' : 'start'}, '#' + event.id);
      lastLabel = at;
    }
    hits.push({event, x: at, y, tip: tipOf(event)});
  }
  markSelected();
}

function markSelected() {
  if (!state.selected) return;
  const {event, operation} = state.selected;
  if (operation) {
    const box = boxOf(operation);
    if (box) element('rect', {class: 'selected', x: box[0] - 3, y: box[1] - 3 - state.top, width: box[2] - box[0] + 6, height: box[3] - box[1] + 6, rx: 4});
  } else if (event) {
    for (const end of Object.values(endsOf(event))) {
      if (end && x(end[0]) >= kGutter) element('circle', {class: 'selected', cx: x(end[0]), cy: end[1] - state.top, r: 9});
    }
  }
}

// The whole run in a strip: faults, how much clients did, and what part is seen below.
function drawOverview() {
  const pen = prepare(overview);
  const width = overview.clientWidth, height = overview.clientHeight;
  const at = (time) => kGutter + (time / data.run.end) * (width - kGutter - 12);
  const rows = [];
  for (const fault of data.faults) {
    let row = rows.findIndex((end) => end <= fault.from);
    if (row < 0) row = rows.length;
    rows[row] = fault.until;
    pen.fillStyle = bandColour(fault.kind, 0.75);
    pen.fillRect(at(fault.from), 7 + (row % 8) * 4, Math.max(2, at(fault.until) - at(fault.from)), 3);
  }
  pen.fillStyle = colours.quiet;
  pen.fillText('the run', 16, height / 2);
  let last = 0;
  for (const [time, name] of data.run.phases) {
    pen.fillStyle = colours.faint;
    pen.fillRect(at(time), 3, 1, height - 6);
    if (at(time) - last > 50 && at(time) < width - 50) pen.fillText(name, at(time) + 4, height - 7);
    last = at(time);
  }
  for (const operation of told) {
    pen.fillStyle = operation.flags & kFailed ? colours.fail : colours.promise;
    pen.fillRect(at(operation.from) - 1.5, 4, 3, height - 8);
  }
  if (data.failure && eventOf.has(data.failure.event)) {
    const failed = at(eventOf.get(data.failure.event).time);
    pen.fillStyle = colours.fail;
    pen.fillRect(failed - 1.5, 2, 3, height - 4);
  }
  const left = Math.max(kGutter, at(timeAt(state.from))), right = Math.min(width - 10, at(timeAt(state.to)));
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1.5;
  pen.strokeRect(left - 2, 2, Math.max(4, right - left + 4), height - 4);
}
