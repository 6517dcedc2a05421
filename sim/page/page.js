// SPDX-License-Identifier: Apache-2.0
// What people do with the page: zoom, pan, search, choose, and read what is known of a thing.

const stage = document.getElementById('stage');
const panel = document.getElementById('panel');
const tip = document.getElementById('tip');
const search = document.getElementById('search');

function escape(text) {
  return String(text).replace(/[&<>"]/g, (letter) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'})[letter]);
}

let pending = false;
function redraw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    draw();
  });
}

// Where one looks.

function limits() {
  return state.scale === 'order' ? [-1, Math.max(1, shown.length)] : [0, data.run.end];
}
function look(from, to) {
  const [least, most] = limits();
  const smallest = state.scale === 'order' ? 3 : 20;
  const length = Math.max(smallest, Math.min(to - from, (most - least) * 1.1));
  const middle = Math.max(least, Math.min(most, (from + to) / 2));
  state.from = middle - length / 2;
  state.to = middle + length / 2;
  redraw();
}
function zoom(factor, at) {
  const length = (state.to - state.from) * factor;
  const share = (at - state.from) / (state.to - state.from);
  look(at - length * share, at + length * (1 - share));
}
function pan(share) {
  const by = (state.to - state.from) * share;
  look(state.from + by, state.to + by);
}
function scrollTo(top) {
  state.top = Math.max(0, Math.min(top, lanes.height - stageHeight() + 10));
  redraw();
}
function lookAt(id, time) {
  const place = placeOf(id, time), half = (state.to - state.from) / 2;
  if (place < state.from + half * 0.1 || place > state.to - half * 0.1) look(place - half, place + half);
  redraw();
}

// What matters most: the operations that the failure names, the failure, and the last causes of it.
const kFitRanksMax = 110, kFitRanksMin = 48;
function fit() {
  const last = data.failure ? eventOf.get(data.failure.event) : null;
  const places = [];
  for (const operation of told) {
    places.push(placeOf(operation.asked, operation.from), placeOf(operation.ended, operation.until));
  }
  if (last) places.push(placeOf(last.id, last.time));
  for (const event of chain.slice(-6)) places.push(placeOf(event.id, event.time));
  if (places.length === 0) return state.scale === 'order' ? look(-1, Math.min(shown.length, 300)) : look(...limits());
  let from = Math.min(...places), to = Math.max(...places);
  if (state.scale === 'order' && to - from > kFitRanksMax) from = to - kFitRanksMax;
  if (state.scale === 'order' && to - from < kFitRanksMin && told.length < 2) from = Math.max(0, to - kFitRanksMin);
  if (state.scale === 'time' && last && to - from > 2e6) from = to - 2e6;
  const edge = Math.max((to - from) * 0.06, state.scale === 'order' ? 1.5 : 30);
  scrollTo(0);
  look(from - edge, to + edge);
}

function setFocus(focus) {
  const middle = timeAt((state.from + state.to) / 2), before = state.from !== 0 || state.to !== 1;
  state.focus = focus;
  choose();
  for (const button of document.querySelectorAll('#focus button')) button.classList.toggle('on', button.dataset.focus === focus);
  if (before && state.scale === 'order') {
    const half = Math.min((state.to - state.from) / 2, kFitRanksMax / 2);
    look(placeAt(middle) - half, placeAt(middle) + half);
  }
  scrollTo(state.top);
}
function setScale(scale) {
  const from = timeAt(state.from), to = timeAt(state.to);
  state.scale = scale;
  for (const button of document.querySelectorAll('#scale button')) button.classList.toggle('on', button.dataset.scale === scale);
  look(placeAt(from), placeAt(to));
}

// The panel.

function eventLine(event) {
  const where = event.node >= 0 ? `node ${event.node}` : event.peer >= 0 && event.kind === 'client-wakes' ? `client ${event.peer}` : '';
  const said = event.note || (ended.get(event.id) || asked.get(event.id) || []).filter((o) => o.flags & 1).map((o) => o.command)[0] || '';
  return `<li data-event="${event.id}"><b>#${event.id}</b> ${event.kind} <small>${where}${said ? ' · ' + escape(said.slice(0, 70)) : ''}<br>${seconds(event.time)}</small></li>`;
}
function operationLine(operation) {
  const word = operation.flags & kFailed ? 'failing' : operation.verdict;
  return `<li data-operation="${operation.n}"><b>op ${operation.n}</b> ${escape(operation.command.slice(0, 60))} = ${escape(operation.answer.slice(0, 50))} <small>· ${word}, client ${operation.client}<br>${seconds(operation.from)}, took ${span(operation.until - operation.from)}</small></li>`;
}
function command(text) { return `<code>${escape(text)}</code>`; }

function showRun() {
  state.selected = null;
  const failure = data.failure;
  let html = failure ? `<h2>${escape(failure.kind)}, found by ${escape(failure.oracle)}</h2>
    <h3>Promised</h3><p class="promised">${escape(failure.promised)}</p><h3>Seen</h3><p class="seen">${escape(failure.seen)}</p>`
    : data.run.recorded ? '<h2>It goes as recorded</h2><p class="quiet">Every tick ends as it did.</p>'
    : '<h2>The run holds</h2><p class="quiet">No oracle found a failure.</p>';
  if (told.length) html += `<h3>Operations it is about</h3><ol>${told.map(operationLine).join('')}</ol>`;
  if (chain.length) html += `<h3>What caused it, the last first</h3><ol id="chain">${[...chain].reverse().map(eventLine).join('')}</ol>`;
  if (failure) {
    html += `<h3>To go on</h3>${command(data.run.why.replace('EVENT ', ''))}${command(data.run.gdb.replace('EVENT', stepOf(failure.event)))}`;
  }
  if (data.left_out.length) html += `<h3>Not on this page</h3>${data.left_out.map((line) => `<p class="quiet">${escape(line)}</p>`).join('')}`;
  panel.innerHTML = html;
  redraw();
}

function faultsAt(time, node) {
  return data.faults.filter((fault) => fault.from <= time && time < fault.until && (node < 0 || fault.nodes.includes(node)));
}
function stateOf(node, time) {
  const lane = data.nodes.find((entry) => entry.index === node);
  if (!lane) return '';
  const life = lane.lives.find(([from, until]) => from <= time && time <= until);
  const paused = faultsAt(time, node).some((fault) => fault.kind === 'pause');
  const rows = life ? [['node', `${node} · ${lane.place}`], ['state', paused ? 'up, paused' : 'up'], ['life', `${life[2]}, since ${seconds(life[0])}`], ['shards', life[3]]]
    : [['node', `${node} · ${lane.place}`], ['state', 'down']];
  for (const fault of faultsAt(time, node)) rows.push(['in force', fault.text]);
  return `<h3>The node then</h3><dl>${rows.map(([name, text]) => `<dt>${name}</dt><dd>${escape(text)}</dd>`).join('')}</dl>`;
}

function showEvent(event) {
  state.selected = {event};
  const rows = [['time', seconds(event.time)]];
  if (event.tick) rows.push(['tick', event.tick]);
  if (event.node >= 0) rows.push(['at', `node ${event.node}, shard ${event.shard}`]);
  if (event.peer >= 0) rows.push([/client|connection|reply/.test(event.kind) ? 'client' : /message/.test(event.kind) ? 'from' : 'number', event.peer]);
  if (kSendsKinds.has(event.kind)) rows.push(['sent', `${seconds(event.sent)}, ${span(event.time - event.sent)} before`]);
  if (event.note) rows.push(['carried', event.note]);
  if (isLate(event)) rows.push(['', 'late']);
  let html = `<a class="back" id="back">back to the failure</a><h2>#${event.id} ${event.kind}</h2>
    <dl>${rows.map(([name, text]) => `<dt>${name}</dt><dd>${escape(text)}</dd>`).join('')}</dl>`;
  const list = (title, lines) => { if (lines.length) html += `<h3>${title}</h3><ol>${lines.join('')}</ol>`; };
  const cause = eventOf.get(event.cause);
  html += '<h3>Caused by</h3>' + (cause ? `<ol>${eventLine(cause)}</ol>` : `<p class="quiet">${event.cause ? `#${event.cause}, which is not on this page` : 'nothing in the world'}</p>`);
  list('Came to this tick', event.inputs.map((id) => eventOf.get(id)).filter(Boolean).map(eventLine));
  list('Operations asked here', (asked.get(event.id) || []).map(operationLine));
  list('Operations answered here', (ended.get(event.id) || []).map(operationLine));
  list('What it caused', (followers.get(event.id) || []).slice(0, 40).map(eventLine));
  if (event.node >= 0) html += stateOf(event.node, event.time);
  html += `<h3>To go on</h3>${command(data.run.why.replace('EVENT', stepOf(event.id)))}${command(data.run.gdb.replace('EVENT', stepOf(event.id)))}`;
  panel.innerHTML = html;
  redraw();
}

function showOperation(operation) {
  state.selected = {operation};
  const rows = [['verdict', operation.flags & kFailed ? `${operation.verdict}; this answer is the failure` : operation.verdict],
    ['client', `${operation.client}, at ${operation.node < 0 ? 'no node' : 'node ' + operation.node}`], ['levels', operation.levels],
    ['phase', operation.phase], ['asked', `${seconds(operation.from)}, #${operation.asked}`],
    ['ended', operation.ended ? `${seconds(operation.until)}, #${operation.ended}` : 'never'], ['took', span(operation.until - operation.from)]]
    .filter(([, text]) => text !== '');
  panel.innerHTML = `<a class="back" id="back">back to the failure</a><h2>operation ${operation.n}</h2>${command(operation.command)}
    <p class="${operation.flags & kFailed ? 'seen' : 'promised'}">${escape(operation.answer || 'no answer')}</p>
    <dl>${rows.map(([name, text]) => `<dt>${name}</dt><dd>${escape(text)}</dd>`).join('')}</dl>
    <h3>Its events</h3><ol>${[operation.asked, operation.ended].map((id) => eventOf.get(id)).filter(Boolean).map(eventLine).join('')}</ol>
    <h3>To go on</h3>${command(data.run.why.replace('EVENT', stepOf(operation.ended || operation.asked)))}`;
  redraw();
}

function showFault(fault) {
  panel.innerHTML = `<a class="back" id="back">back to the failure</a><h2>${escape(fault.kind)} #${fault.id}</h2><p>${escape(fault.text)}</p>
    <dl><dt>targets</dt><dd>nodes ${fault.nodes.join(', ')}</dd><dt>from</dt><dd>${seconds(fault.from)}</dd><dt>until</dt><dd>${seconds(fault.until)}</dd>
    <dt>effects</dt><dd>${fault.effects}</dd></dl>`;
}

function go(event) {
  if (!isShown(event)) setFocus('all');
  lookAt(event.id, event.time);
  showEvent(event);
}
function goOperation(operation) {
  if (!isOperationShown(operation)) setFocus('all');
  lookAt(operation.asked, operation.from);
  showOperation(operation);
}

panel.addEventListener('click', (click) => {
  const item = click.target.closest('li, #back');
  if (!item) return;
  if (item.id === 'back') showRun();
  else if (item.dataset.event) go(eventOf.get(Number(item.dataset.event)));
  else if (item.dataset.fault) showFault(data.faults[item.dataset.fault]);
  else goOperation(operations.find((operation) => operation.n === Number(item.dataset.operation)));
});

// Search: "#12", "op 12", "node 1", or any words of keys, commands, answers, messages and faults.

const kFoundMax = 60;
function find(text) {
  const number = text.match(/^#?(\d+)$/), operation = text.match(/^op(?:eration)? *(\d+)$/), node = text.match(/^node *(\d+)$/);
  if (number && eventOf.has(Number(number[1]))) return go(eventOf.get(Number(number[1])));
  const found = [];
  if (operation) found.push(...operations.filter((entry) => entry.n === Number(operation[1])).map(operationLine));
  if (node) {
    found.push(...events.filter((event) => event.node === Number(node[1])).map(eventLine));
  } else if (!operation) {
    const has = (value) => value.toLowerCase().includes(text.toLowerCase());
    data.faults.forEach((fault, index) => { if (has(fault.text)) found.push(`<li data-fault="${index}"><b>${escape(fault.kind)}</b> <small>${escape(fault.text)}</small></li>`); });
    found.push(...operations.filter((entry) => has(entry.command) || has(entry.answer)).map(operationLine));
    found.push(...events.filter((event) => has(event.note) || has(event.kind)).map(eventLine));
  }
  if (operation && found.length === 1) return goOperation(operations.find((entry) => entry.n === Number(operation[1])));
  const more = found.length > kFoundMax ? `<p class="quiet">and ${found.length - kFoundMax} more</p>` : '';
  panel.innerHTML = `<a class="back" id="back">back to the failure</a><h2>“${escape(text)}”: ${found.length} found</h2><ol>${found.slice(0, kFoundMax).join('')}</ol>${more}`;
}
search.addEventListener('keydown', (key) => {
  key.stopPropagation();
  if (key.key === 'Enter' && search.value.trim()) find(search.value.trim());
  if (key.key === 'Escape') { search.value = ''; stage.focus(); showRun(); }
});

// Pointing.

function distance(hit, px, py) {
  if (hit.box) {
    const [left, top, right, bottom] = hit.box;
    return px >= left - 1 && px <= right + 1 && py >= top && py <= bottom ? 0 : Infinity;
  }
  if (!hit.line) return Math.max(0, Math.hypot(px - hit.x, py - hit.y) - 4);
  const [x0, y0, x1, y1] = hit.line;
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2 || 1;
  const share = Math.max(0, Math.min(1, ((px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)) / length));
  return Math.hypot(px - x0 - share * (x1 - x0), py - y0 - share * (y1 - y0));
}
function hitAt(px, py) {
  let best = null, least = 6;
  if (px < kGutter) return null;
  for (const hit of hits) {
    const away = distance(hit, px, py);
    if (away <= least) { best = hit; least = away; }
  }
  return best;
}

let drag = null;
stage.addEventListener('pointerdown', (press) => {
  drag = {x: press.offsetX, y: press.offsetY, from: state.from, to: state.to, top: state.top, moved: false};
  stage.setPointerCapture(press.pointerId);
});
stage.addEventListener('pointermove', (move) => {
  const bounds = stage.getBoundingClientRect();
  const px = move.clientX - bounds.left, py = move.clientY - bounds.top;
  if (drag) {
    const dx = px - drag.x, dy = py - drag.y;
    if (Math.hypot(dx, dy) > 4) drag.moved = true;
    if (!drag.moved) return;
    stage.classList.add('dragging');
    const by = (dx / (stageWidth() - kGutter)) * (drag.to - drag.from);
    look(drag.from - by, drag.to - by);
    scrollTo(drag.top - dy);
    return;
  }
  const hit = hitAt(px, py);
  tip.hidden = !hit;
  if (!hit) return;
  tip.textContent = hit.tip;
  tip.style.left = Math.min(px + 14, Math.max(10, stageWidth() - 430)) + 'px';
  tip.style.top = Math.min(py + 16, stageHeight() - 50) + 'px';
});
stage.addEventListener('pointerup', (lift) => {
  const pressed = drag;
  drag = null;
  stage.classList.remove('dragging');
  if (!pressed || pressed.moved) return;
  const bounds = stage.getBoundingClientRect();
  const hit = hitAt(lift.clientX - bounds.left, lift.clientY - bounds.top);
  if (!hit) return showRun();
  if (hit.operation) showOperation(hit.operation);
  else if (hit.event) showEvent(hit.event);
  else if (hit.fault) showFault(hit.fault);
});
stage.addEventListener('pointerleave', () => { tip.hidden = true; });
stage.addEventListener('wheel', (wheel) => {
  wheel.preventDefault();
  if (wheel.shiftKey) return scrollTo(state.top + wheel.deltaY);
  if (Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY)) return pan(wheel.deltaX / 1000);
  zoom(Math.exp(wheel.deltaY * 0.0015), placeOfX(Math.max(kGutter, wheel.offsetX)));
}, {passive: false});

function overviewGo(move) {
  const share = (move.offsetX - kGutter) / (overview.clientWidth - kGutter - 12);
  const middle = placeAt(Math.max(0, Math.min(1, share)) * data.run.end), half = (state.to - state.from) / 2;
  look(middle - half, middle + half);
}
overview.addEventListener('pointerdown', (press) => { overview.setPointerCapture(press.pointerId); overviewGo(press); });
overview.addEventListener('pointermove', (move) => { if (move.buttons) overviewGo(move); });

function step(by) {
  if (!chain.length) return;
  const at = chain.indexOf(state.selected && state.selected.event);
  const next = at < 0 ? chain.length - 1 : Math.max(0, Math.min(chain.length - 1, at + by));
  go(chain[next]);
}
const kKeys = {
  ArrowLeft: () => pan(-0.15), ArrowRight: () => pan(0.15), ArrowUp: () => scrollTo(state.top - 60), ArrowDown: () => scrollTo(state.top + 60),
  '+': () => zoom(0.7, (state.from + state.to) / 2), '=': () => zoom(0.7, (state.from + state.to) / 2), '-': () => zoom(1.4, (state.from + state.to) / 2),
  f: fit, a: () => look(...limits()), o: () => setScale(state.scale === 'order' ? 'time' : 'order'),
  s: () => setFocus({failure: 'key', key: 'all', all: told.length ? 'failure' : 'key'}[state.focus]),
  p: () => step(-1), n: () => step(1), '/': () => search.focus(), Escape: showRun,
};
document.addEventListener('keydown', (key) => {
  if (key.ctrlKey || key.metaKey || key.altKey || !kKeys[key.key]) return;
  key.preventDefault();
  kKeys[key.key]();
});
for (const button of document.querySelectorAll('#focus button')) button.addEventListener('click', () => setFocus(button.dataset.focus));
for (const button of document.querySelectorAll('#scale button')) button.addEventListener('click', () => setScale(button.dataset.scale));
document.getElementById('fit').addEventListener('click', fit);

function showLegend() {
  const items = [
    ['<rect x="1" y="2" width="20" height="8" rx="2" fill="var(--fail)"/>', 'failing operation'],
    ['<rect x="1" y="2" width="20" height="8" rx="2" fill="none" stroke="var(--promise)" stroke-width="2"/>', 'named by the failure'],
    ['<path d="M1 6H21" stroke="var(--chain)" stroke-width="2.5"/><circle cx="11" cy="6" r="4" fill="var(--chain)"/>', 'chain of causes'],
    ['<rect x="1" y="2" width="20" height="8" fill="var(--ok)"/>', 'ok'], ['<rect x="1" y="2" width="20" height="8" fill="var(--error)"/>', 'error'],
    ['<rect x="1" y="2" width="20" height="8" fill="var(--unknown)"/>', 'unknown'],
    ['<path d="M1 10L21 2" stroke="var(--story)" stroke-width="1.5"/>', 'message on the key'], ['<path d="M1 10L21 2" stroke="var(--crowd)" stroke-width="1.5"/>', 'other'],
    ['<path d="M1 10L14 5M11 2l6 6M17 2l-6 6" stroke="var(--lost)" stroke-width="1.5"/>', 'lost'],
    ['<path d="M1 10L21 2" stroke="var(--late)" stroke-width="1.5" stroke-dasharray="4 2"/>', 'late'],
    ['<rect x="9" y="1" width="3" height="10" fill="var(--up)"/>', 'tick'], ['<path d="M11 1l5 5-5 5-5-5z" fill="var(--up)"/>', 'commit'],
  ];
  const families = [['net', 'network'], ['process', 'process'], ['disk', 'disk'], ['clock', 'clock']];
  for (const [name, label] of families) items.push([`<rect x="1" y="2" width="20" height="8" fill="hsla(${colours[name]}, ${colours.band}, 0.4)"/>`, label + ' fault']);
  document.getElementById('legend').innerHTML = items.map(([drawing, text]) => `<span><svg viewBox="0 0 22 12">${drawing}</svg>${text}</span>`).join('') +
      '<span class="keys">wheel + − zoom · drag ← → pan · f fit · a all · o order/time · s what is shown · p n along the causes · / search</span>';
}

// The part of the address behind # may hold, with & between them, what a button says or the number of an event.
function follow() {
  for (const word of location.hash.slice(1).split('&')) {
    if (document.querySelector(`#focus [data-focus="${word.replace(/\W/g, '')}"]`)) setFocus(word);
    else if (word === 'order' || word === 'time') setScale(word);
    else if (eventOf.has(Number(word))) { go(eventOf.get(Number(word))); continue; }
    else continue;
    fit();
  }
}

function begin() {
  const run = data.run;
  document.getElementById('title').textContent = run.title;
  const verdict = document.getElementById('verdict');
  verdict.textContent = data.failure ? data.failure.kind : run.recorded ? 'as recorded' : 'holds';
  verdict.classList.toggle('failed', Boolean(data.failure));
  const bug = run.bug ? `planted bug ${run.bug} · ` : '';
  document.getElementById('facts').textContent = `${bug}${run.nodes} nodes · ${run.operations} operations · ${run.events} events · ${(run.end / 1e6).toFixed(1)} s · hash ${run.hash}`;
  readColours();
  showLegend();
  state.scale = 'order';
  const focus = told.length > 1 ? 'failure' : events.some((event) => event.flags & kStory) ? 'key' : 'all';
  setFocus(focus);
  setScale('order');
  fit();
  showRun();
  follow();
  draw();
  document.body.dataset.ready = 'yes';
}

window.addEventListener('error', (error) => { document.body.dataset.error = error.message; });
window.addEventListener('hashchange', follow);
window.addEventListener('resize', () => { choose(); redraw(); });
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); showLegend(); redraw(); });
begin();
