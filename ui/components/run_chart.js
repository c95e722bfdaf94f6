// The training curves of a run, on one canvas that lives as long as the component: growing while
// training goes on, at rest, or replayed under a scrubber.
//
// Streamlit calls the default export at every change of the data or the theme, with the same
// parentElement: what must last is kept on it. `chart` is that state, `draw(chart)` paints the run
// up to iteration `chart.upTo`; growing, playing and scrubbing only move `upTo`. The drawing stands
// in run_chart_drawing.js, the tiles in run_chart_tiles.js; run_chart.py makes one module of all.

const REVEAL_MS = 2500 // a finished run that is drawn once, when it is first seen
const REPLAY_MS = 6000 // a whole replay at speed 1
const SPEEDS = [[0.25, "¼×"], [0.5, "½×"], [1, "1×"], [2, "2×"], [4, "4×"]]
const CALM_MS = 100 // where less motion is wanted, a replay takes steps this far apart
const SETTLED_MS = 80 // after a key, the reader has stopped
const FOLLOW_MS = 250 // while the scrubber is dragged, Python hears of it no more often
const SNAP_PX = 7 // a documented point this near the pointer is what is meant
const DRAG_PX = 6 // a finger that moved this far sideways drags; one that did not may yet scroll
const MOST_KEPT = 8 // large parts of what is sent: the pictures, and what was said of them in a few runs
const ICONS = { play: "M1 0 11 6 1 12z", pause: "M1 0h3.5v12H1zM7.5 0H11v12H7.5z" }

const kept = new Map() // the large parts by their ids, the latest last; the server need not send them again

function render({ data: [data], parentElement: root, setStateValue }) {
  // New markup means that Streamlit has mounted the component anew.
  const fresh = !root.runChart?.box.isConnected
  if (fresh) root.runChart = mount(root)
  const chart = root.runChart
  chart.send = (iteration) => setStateValue("view", { iteration, kept: [...kept.keys()] })
  update(chart, { ...data, tiles: data.tiles && withKept(chart, data.tiles) })
  if (fresh && document.fonts.status !== "loaded") document.fonts.ready.then(() => redraw(chart))
  return () => unmount(chart)
}

// The tiles with their large parts; none for the moment where the server thought that those were here.
function withKept(chart, tiles) {
  const [sprite, probabilities] = [tiles.sprite, tiles.probabilities].map(({ id, text }) => {
    const part = text ?? kept.get(id)
    kept.delete(id)
    if (part) kept.set(id, part)
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value)
    return part
  })
  if (sprite && probabilities) return { ...tiles, sprite, probabilities }
  setTimeout(() => chart.send(chart.told))
  return null
}

// ---------------------------------------------------------------------- state

function mount(root) {
  const find = (selector) => root.querySelector(selector)
  const chart = {
    host: root.host ?? root, // parentElement is a ShadowRoot, which has no computed style
    box: find(".run-chart"),
    canvas: find(".plot canvas"),
    readout: find(".readout"),
    again: find(".again"),
    range: find(".scrubber input"),
    playButton: find(".play"),
    speed: find(".speed"),
    figures: find(".figures"),
    data: null,
    size: "", // at which it was drawn
    unpacked: new Map(), // typed arrays by the text that they came as
    run: null, // lines of this run by name: cost, testCost, trainAccuracy, testAccuracy
    ghosts: [],
    tiles: null,
    version: 0, // counts what makes the drawing another one
    upTo: 0, // the iteration up to which the run is drawn
    axis: null, // limit and ticks of the cost axis
    top: 0, // its upper end, as drawn
    pointed: null, // the iteration the reader points at
    growing: false, // new points keep arriving
    updated: 0, // when the last ones did
    revealed: false,
    playing: false,
    dragging: false,
    pressed: undefined, // where in the drawing a button or finger went down
    told: null, // the iteration that Python knows of, null for the end
    toldAt: 0,
    frame: 0,
    timer: 0,
    telling: 0, // the timer of what is yet to be told
  }
  chart.sizes = new ResizeObserver(() => chart.size !== sizesOf(chart) && arrange(chart)) // before the browser paints
  chart.sizes.observe(chart.box)
  chart.sizes.observe(chart.canvas)
  // Revealed when first seen, not when first loaded somewhere below the fold.
  chart.sight = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && reveal(chart), {
    threshold: 0.3,
  })
  listen(chart)
  return chart
}

function unmount(chart) {
  cancelAnimationFrame(chart.frame)
  clearTimeout(chart.timer)
  clearTimeout(chart.telling)
  chart.sizes.disconnect()
  chart.sight.disconnect()
}

function update(chart, data) {
  const before = { data: chart.data, run: chart.run, ended: atEnd(chart) }
  chart.data = data
  receive(chart)
  chart.axis = niceAxis(chart)
  chart.version += 1 // the theme may have changed, too
  receiveTiles(chart, before.data?.tiles)
  writeHeader(chart)
  buildFigures(chart)
  if (data.replay) followReplay(chart, before)
  else followRun(chart, before)
  arrange(chart)
  if (data.replay) showFigures(chart)
}

function receive(chart) {
  const { run, ghosts } = chart.data
  const known = chart.unpacked
  chart.unpacked = new Map() // what no longer comes is forgotten
  const unpack = (text, Type) => {
    if (!chart.unpacked.has(text)) {
      chart.unpacked.set(text, known.get(text) ?? new Type(bytesOf(text).buffer))
    }
    return chart.unpacked.get(text)
  }
  const iterations = (x) => {
    if (typeof x === "string") return unpack(x, Int32Array)
    const [first, step, count] = x
    return Int32Array.from({ length: count }, (_, i) => first + i * step)
  }
  const line = (x, y) => (y === null || y === undefined ? null : finite(x, unpack(y, Float32Array)))
  const x = iterations(run.x)
  chart.run = { x, cost: line(x, run.cost) }
  for (const name of ["testCost", "trainAccuracy", "testAccuracy"]) chart.run[name] = line(x, run[name])
  chart.ghosts = ghosts.map(({ label, cost, testCost }) => ({
    label,
    cost: line(iterations(cost.x), cost.y),
    testCost: testCost && line(iterations(testCost.x), testCost.y),
  }))
  chart.unpack = { iterations }
}

function bytesOf(text) {
  const raw = atob(text)
  const bytes = new Uint8Array(raw.length)
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i)
  return bytes
}

// A line without the points at which nothing was measured.
function finite(x, y) {
  if (y.every(Number.isFinite)) return { x, y }
  const taken = (_, i) => Number.isFinite(y[i])
  return { x: x.filter(taken), y: y.filter(taken) }
}

// The last point at or before an iteration, -1 if there is none.
function indexAt(x, iteration) {
  let [low, high] = [0, x.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (x[middle] <= iteration) low = middle + 1
    else high = middle
  }
  return low - 1
}

function valueAt(line, iteration) {
  const i = line ? indexAt(line.x, iteration) : -1
  return i < 0 ? null : line.y[i]
}

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches
const firstOf = (chart) => chart.run.x[0] ?? 0
const lastOf = (chart) => chart.run.x.at(-1) ?? 0
const atEnd = (chart) => !chart.run || chart.upTo >= lastOf(chart)

// ---------------------------------------------------------------------- a run that grows or is done

function followRun(chart, { data: before, run }) {
  pause(chart)
  if (!before || before.replay) return begin(chart)
  const same = run.x[0] === chart.run.x[0] && run.cost.y[0] === chart.run.cost.y[0]
  if (!same || lastOf(chart) < chart.upTo) return glide(chart, lastOf(chart), 0) // another run
  if (lastOf(chart) > (run.x.at(-1) ?? 0) && !waiting(chart)) grow(chart)
}

function begin(chart) {
  chart.top = chart.axis.top
  chart.upTo = waiting(chart) ? firstOf(chart) : lastOf(chart)
  if (waiting(chart)) chart.sight.observe(chart.canvas)
}

// Move on to the new end at the pace at which points arrive, so that ticks are not felt.
function grow(chart) {
  const now = performance.now()
  const pace = Math.min(600, Math.max(100, now - chart.updated))
  chart.updated = now
  chart.growing = true
  clearTimeout(chart.timer)
  chart.timer = setTimeout(() => {
    chart.growing = false
    draw(chart)
  }, 1500)
  glide(chart, lastOf(chart), reducedMotion() ? 0 : pace)
}

function reveal(chart) {
  chart.sight.disconnect()
  chart.revealed = true
  chart.again.textContent = chart.data.words.again
  chart.upTo = firstOf(chart)
  glide(chart, lastOf(chart), REVEAL_MS)
}

function glide(chart, to, duration) {
  cancelAnimationFrame(chart.frame)
  const from = { upTo: chart.upTo, top: chart.top, time: performance.now() }
  const step = (now) => {
    const part = duration ? Math.min(1, Math.max(0, (now - from.time) / duration)) : 1
    chart.upTo = from.upTo + (to - from.upTo) * part
    chart.top = from.top + (chart.axis.top - from.top) * part
    draw(chart)
    if (part < 1) chart.frame = requestAnimationFrame(step)
  }
  step(from.time)
}

const waiting = (chart) => chart.data.animate && !chart.revealed && !reducedMotion()

// ---------------------------------------------------------------------- replay

function followReplay(chart, { data: before, ended }) {
  const { at } = chart.data
  const { range } = chart
  if (!before?.replay) leaveLive(chart)
  if (!before) chart.told = at
  const asked = at !== (before?.at ?? null) ? at : null
  chart.top = chart.axis.top
  range.min = firstOf(chart)
  range.max = lastOf(chart)
  range.disabled = chart.playButton.disabled = lastOf(chart) === firstOf(chart)
  if (asked !== null) pause(chart)
  const place = asked ?? (ended ? lastOf(chart) : chart.upTo)
  chart.upTo = Math.min(lastOf(chart), Math.max(firstOf(chart), place))
  if (before && !chart.playing && !chart.dragging) tellIn(chart, SETTLED_MS)
}

function leaveLive(chart) {
  cancelAnimationFrame(chart.frame)
  clearTimeout(chart.timer)
  chart.sight.disconnect()
  chart.growing = false
}

function seek(chart, iteration) {
  pause(chart)
  chart.upTo = Math.min(lastOf(chart), Math.max(firstOf(chart), Math.round(iteration)))
  draw(chart)
  showFigures(chart)
}

function play(chart) {
  if (lastOf(chart) === firstOf(chart)) return
  hush(chart) // a replay under way has not stopped anywhere
  if (atEnd(chart)) chart.upTo = firstOf(chart)
  chart.playing = true
  setFace(chart)
  let before = performance.now()
  const step = (now) => {
    const passed = Math.min(250, now - before) // no leap after the tab was hidden
    if (!reducedMotion() || passed >= CALM_MS) {
      before = now
      const pace = ((lastOf(chart) - firstOf(chart)) / REPLAY_MS) * Number(chart.speed.value)
      chart.upTo = Math.min(lastOf(chart), chart.upTo + Math.max(0, passed) * pace)
      if (atEnd(chart)) return stop(chart)
      draw(chart)
      showFigures(chart)
    }
    chart.frame = requestAnimationFrame(step)
  }
  chart.frame = requestAnimationFrame(step)
}

function pause(chart) {
  if (!chart.playing) return
  chart.playing = false
  cancelAnimationFrame(chart.frame)
  setFace(chart)
}

// Stop as the reader would: at a whole iteration, which Python then learns.
function stop(chart) {
  pause(chart)
  seek(chart, Math.floor(chart.upTo))
  tell(chart)
}

// The end is told as null, so that it stays the end when a longer run comes.
function tell(chart) {
  hush(chart)
  const place = atEnd(chart) ? null : chart.upTo
  if (place === chart.told) return
  chart.told = place
  chart.toldAt = performance.now()
  chart.send(place)
}

function hush(chart) {
  clearTimeout(chart.telling)
  chart.telling = 0
}

function tellIn(chart, wait) {
  hush(chart)
  chart.telling = setTimeout(() => tell(chart), wait)
}

function tellWhileDragging(chart) {
  if (!chart.telling) tellIn(chart, Math.max(0, chart.toldAt + FOLLOW_MS - performance.now()))
}

// ---------------------------------------------------------------------- input

function listen(chart) {
  const { canvas, again, playButton, speed } = chart
  canvas.onpointermove = (event) => onPointerMove(chart, event)
  canvas.onpointerdown = (event) => onPointerDown(chart, event)
  canvas.onpointerup = (event) => onPointerUp(chart, event)
  canvas.onpointercancel = () => letGo(chart)
  // A lifted finger leaves its reading; it goes with the focus.
  canvas.onpointerleave = (event) => event.pointerType === "mouse" && setPointed(chart, null)
  canvas.onblur = () => setPointed(chart, null)
  canvas.onfocus = () => canvas.matches(":focus-visible") && setPointed(chart, chart.upTo)
  canvas.onkeydown = (event) => chart.data.replay || readByKey(chart, event)
  again.onclick = () => reveal(chart)
  playButton.onclick = () => (chart.playing ? stop(chart) : play(chart))
  speed.replaceChildren(...SPEEDS.map(([value, text]) => new Option(text, value)))
  speed.value = 1
  chart.box.onkeydown = (event) => chart.data.replay && onKey(chart, event)
  // Who goes on to press something else: that pass of the page comes after the one for the place.
  chart.box.addEventListener("focusout", () => chart.telling && tell(chart))
  listenToRange(chart)
}

// Keys are ours (onKey), so what the range itself reports is a drag, or a tap on its track.
function listenToRange(chart) {
  const { range } = chart
  range.onpointerdown = () => {
    chart.dragging = true
    setPointed(chart, null)
  }
  range.onpointerup = range.onpointercancel = () => (chart.dragging = false)
  range.oninput = () => {
    seek(chart, Number(range.value))
    if (chart.dragging) tellWhileDragging(chart)
    else tellIn(chart, SETTLED_MS) // a screen reader's own way to move it
  }
  range.onchange = () => {
    chart.dragging = false
    tell(chart)
  }
}

function onPointerDown(chart, event) {
  if (!chart.data.replay) return pointAt(chart, event.offsetX)
  if (event.button) return
  chart.pressed = event.offsetX
  if (event.pointerType === "mouse") startDrag(chart, event)
}

function onPointerMove(chart, event) {
  const { pressed, dragging } = chart
  if (pressed === undefined) {
    if (event.pointerType === "mouse" || !chart.data.replay) pointAt(chart, event.offsetX)
    return
  }
  if (!dragging && Math.abs(event.offsetX - pressed) < DRAG_PX) return
  if (!dragging) return startDrag(chart, event)
  seekTo(chart, event.offsetX)
  tellWhileDragging(chart)
}

function startDrag(chart, event) {
  chart.dragging = true
  chart.canvas.setPointerCapture(event.pointerId)
  chart.range.focus({ preventScroll: true }) // the keys go on from here
  setPointed(chart, null)
  seekTo(chart, event.offsetX)
  event.preventDefault() // the focus stays there, and no text is selected
}

function onPointerUp(chart, event) {
  if (chart.pressed === undefined) return
  if (!chart.dragging) seekTo(chart, event.offsetX) // a tap
  letGo(chart)
  tell(chart)
}

function letGo(chart) {
  if (chart.dragging) tellIn(chart, SETTLED_MS)
  chart.dragging = false
  chart.pressed = undefined
}

function seekTo(chart, px) {
  seek(chart, iterationAt(chart, px))
}

const iterationAt = ({ geometry: { left, width }, data }, px) =>
  ((px - left) / width) * data.numIterations

function onKey(chart, event) {
  const control = event.composedPath()[0]
  if (event.ctrlKey || event.metaKey || event.altKey || chart.range.disabled) return
  if (control.matches("input, select, textarea") && control !== chart.range) return
  if (event.key === " ") {
    if (control.tagName === "BUTTON") return // which answers to the space bar itself
    event.preventDefault()
    return event.repeat || chart.playButton.click()
  }
  const far = event.shiftKey ? 100 : 1
  const moves = { ArrowLeft: -far, ArrowRight: far, ArrowDown: -far, ArrowUp: far,
    PageDown: -100, PageUp: 100, Home: -Infinity, End: Infinity }
  const move = moves[event.key]
  if (move === undefined) return
  event.preventDefault()
  seek(chart, Math.floor(chart.upTo) + move)
  tellIn(chart, SETTLED_MS)
}

// ---------------------------------------------------------------------- reading a point

function setPointed(chart, iteration) {
  if (chart.pointed === iteration) return
  chart.pointed = iteration
  draw(chart)
}

function pointAt(chart, px) {
  const { x } = chart.geometry
  const near = comparable(chart)
  const [meant] = near.sort((a, b) => Math.abs(x(a[0]) - px) - Math.abs(x(b[0]) - px))
  const snapped = meant && Math.abs(x(meant[0]) - px) <= SNAP_PX
  setPointed(chart, snapped ? meant[0] : iterationAt(chart, px))
}

// What there is to read: in a replay all of the run, else what has been drawn.
const readable = (chart) => (chart.data.replay ? lastOf(chart) : chart.upTo)
const comparable = (chart) =>
  chart.data.documented.filter(([i, , cost]) => cost !== null && i <= readable(chart))

function readByKey(chart, event) {
  const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity, Escape: 0 }
  const move = moves[event.key]
  if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  if (!move) return setPointed(chart, null)
  const here = nearest(chart) ?? chart.upTo
  const documented = comparable(chart).map(([i]) => i)
  const every = event.shiftKey && documented.length ? documented : [...chart.run.x]
  const stops = every.filter((i) => i <= chart.upTo)
  const next = move > 0 ? stops.filter((i) => i > here) : stops.filter((i) => i < here).reverse()
  setPointed(chart, (Number.isFinite(move) ? next[0] : next.at(-1)) ?? here)
}

// The recorded iteration next to what is pointed at.
function nearest(chart) {
  const { x } = chart.run
  if (chart.pointed === null || !x.length || x[0] > readable(chart)) return null
  const i = Math.max(0, indexAt(x, Math.min(chart.pointed, readable(chart))))
  const next = x[i + 1] <= readable(chart) ? x[i + 1] : x[i]
  return chart.pointed - x[i] < next - chart.pointed ? x[i] : next
}

function readoutLines(chart, iteration) {
  const { words, replay } = chart.data
  const place = `${words.iteration} ${count(iteration)}`
  if (!replay) {
    const cost = `${words.cost} ${digits(valueAt(chart.run.cost, iteration))}`
    return [`${place} · ${cost}`, ...comparison(chart, iteration)]
  }
  const read = figuresAt(chart, iteration).slice(1).filter(({ name }) => name !== "documented")
  const said = read.map(({ label, value }) => `${label} ${value}`)
  const [costs, shares] = [said.slice(0, 2).join(" · "), said.slice(2).join(" · ")]
  return [place, costs, shares, ...comparison(chart, iteration)].filter(Boolean)
}

function comparison(chart, iteration) {
  const known = documentedAt(chart, iteration)
  if (!known) return []
  const { words } = chart.data
  return [
    `(${words.documented} ${known.value}, ${words.difference} ${known.apart})`,
    `${words.full} ${known.cost}`,
  ]
}

function documentedAt(chart, iteration) {
  const known = chart.data.documented.find(([i, , cost]) => i === iteration && cost !== null)
  if (!known) return null
  const [, value, cost] = known
  const apart = value === cost ? "0" : Math.abs(value - cost).toExponential(0).replace("e+", "e")
  return { value, cost, apart }
}

const nearestTo = (iteration, points) => {
  const far = points.map(([i]) => Math.abs(i - iteration))
  return points[far.indexOf(Math.min(...far))][0]
}

// ---------------------------------------------------------------------- words around the plot

function writeHeader(chart) {
  const { box, canvas, again, speed, range, data, revealed } = chart
  const { words } = data
  const items = data.replay ? [] : [["line", words.run]]
  if (data.documented.length) items.push(["ring", words.documented])
  if (data.replay) data.ghosts.forEach(({ label }, i) => items.push(["letter", label, letterOf(i)]))
  else if (data.ghosts.length) items.push(["line faint", data.ghosts[0].label])
  const worth = items.length > 1 || data.replay // a single line needs no legend
  box.querySelector(".legend").replaceChildren(...(worth ? items.map(legendItem) : []))
  box.querySelector(".status").textContent = data.status
  again.hidden = !data.animate
  again.textContent = reducedMotion() && !revealed ? words.play : words.again
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", data.replay ? data.alt : `${data.alt} ${words.keys}`)
  canvas.tabIndex = data.replay ? -1 : 0 // in a replay the scrubber is the one stop for the keys
  box.classList.toggle("replay", data.replay)
  for (const part of [".scrubber", ".bar"]) box.querySelector(part).hidden = !data.replay
  range.setAttribute("aria-label", words.iteration)
  speed.setAttribute("aria-label", words.speed)
  setFace(chart)
}

function legendItem([sample, text, letter = ""]) {
  const item = Object.assign(element("span", ""), { className: `item ${letter && "other"}` })
  item.append(Object.assign(element("i", letter), { className: sample }), element("b", text))
  return item
}

function setFace({ playButton, playing, data: { words } }) {
  const face = playing ? "pause" : "play"
  playButton.querySelector("path").setAttribute("d", ICONS[face])
  playButton.querySelector("span").textContent = words[face]
}

// What is known at an iteration, in the order in which it is read.
function figuresAt(chart, iteration) {
  const { run, data } = chart
  const { words } = data
  const known = documentedAt(chart, iteration), others = comparable(chart)
  const elsewhere = others.length ? `${words.nearest} ${count(nearestTo(iteration, others))}` : null
  const cost = (line) => (line ? digits(valueAt(line, iteration)) : null)
  const right = (line, part) =>
    line ? share(valueAt(line, iteration), data.totals?.[part], words) : null
  const all = [
    ["iteration", words.iteration, count(Math.floor(iteration))],
    ["cost", words.trainCost, cost(run.cost)],
    ["testCost", words.testCost, cost(run.testCost)],
    ["trainRight", words.trainRight, right(run.trainAccuracy, 0)],
    ["testRight", words.testRight, right(run.testAccuracy, 1)],
    ["documented", words.documented, known ? `${known.apart} ${words.off}` : elsewhere],
  ]
  return all
    .filter(([, , value]) => value !== null)
    .map(([name, label, value]) => ({ name, label, value }))
}

function buildFigures(chart) {
  const wanted = chart.data.replay ? figuresAt(chart, firstOf(chart)) : []
  const kind = JSON.stringify(wanted.map(({ name, label }) => [name, label]))
  if (chart.figures.dataset.kind === kind) return
  chart.figures.dataset.kind = kind
  chart.figures.replaceChildren(
    ...wanted.map(({ name, label }) => {
      const figure = element("div", "")
      figure.className = name
      figure.append(element("dt", label), element("dd", ""))
      return figure
    }),
  )
}

// At every frame, so only what differs is written; in full words only where the reader has stopped.
function showFigures(chart) {
  const { range, data, figures, upTo } = chart
  const read = figuresAt(chart, upTo)
  read.forEach(({ value }, i) => write(figures.children[i].lastChild, value))
  range.value = Math.floor(upTo)
  if (chart.playing) return
  const [place, ...rest] = read.filter(({ value }) => value !== "–")
  const flag = data.best === upTo ? [data.words.best] : []
  const said = [...rest.map(({ label, value }) => `${label} ${value}`), ...flag]
  range.setAttribute("aria-valuetext", `${place.label} ${place.value}: ${said.join(", ")}`)
  describeTiles(chart)
}

const count = (n) => n.toLocaleString("en-US")

function digits(value) {
  if (value === null) return "–"
  const plain = value === 0 || (value >= 1e-4 && value < 1e5)
  return plain ? value.toPrecision(4) : value.toExponential(3).replace("e+", "e")
}

function share(fraction, total, words) {
  if (fraction === null) return "–"
  if (!total) return `${(100 * fraction).toPrecision(4)}%`
  return `${Math.round(fraction * total)} ${words.of} ${total}`
}

const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text })
