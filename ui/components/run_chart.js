// The training curve of a run, on one canvas that lives as long as the component.
//
// Streamlit calls the default export at every change of the data or the theme, with the same
// parentElement: what must last is kept on it. `chart` is that state, `draw(chart, upTo)` paints
// the curve up to iteration `upTo`; growing, playing and (one day) scrubbing only move `upTo`.

const PLAY_MS = 2500
const SNAP_PX = 7 // a documented point this near the pointer is what is meant
const MARGIN = { top: 26, right: 22, bottom: 44 }

export default function ({ data, parentElement: root }) {
  // A new canvas means that Streamlit has put the markup in anew.
  if (!root.runChart?.canvas.isConnected) root.runChart = mount(root)
  const chart = root.runChart
  update(chart, data)
  // Streamlit also calls this for a run that was overtaken by newer data: then all is still there.
  return () => chart.canvas.isConnected || unmount(chart)
}

// ---------------------------------------------------------------------- state

function mount(root) {
  const chart = {
    host: root.host ?? root, // parentElement is a ShadowRoot, which has no computed style
    canvas: root.querySelector("canvas"),
    readout: root.querySelector(".readout"),
    button: root.querySelector("button"),
    root,
    data: null,
    upTo: 0, // the iteration up to which the curve is drawn
    axis: null, // limit and ticks of the y axis
    top: 0, // its upper end, as drawn
    cursor: null, // the iteration the reader points at
    growing: false, // new points keep arriving
    updated: 0, // when the last ones did
    frame: 0,
    timer: 0,
    played: false,
  }
  chart.sizes = new ResizeObserver(() => chart.data && draw(chart)) // before the browser paints
  chart.sizes.observe(chart.canvas)
  // Played when first seen, not when first loaded somewhere below the fold.
  chart.sight = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && play(chart), {
    threshold: 0.3,
  })
  document.fonts.ready.then(() => chart.data && draw(chart))
  listen(chart)
  return chart
}

function unmount(chart) {
  cancelAnimationFrame(chart.frame)
  clearTimeout(chart.timer)
  chart.sizes.disconnect()
  chart.sight.disconnect()
}

function update(chart, data) {
  const before = chart.data
  chart.data = data
  chart.points = finitePoints(data.x, data.y)
  chart.axis = niceAxis(data)
  writeHeader(chart)
  if (!before) return begin(chart)
  const same = before.x[0] === data.x[0] && before.y[0] === data.y[0]
  if (!same || lastOf(chart) < chart.upTo) return glide(chart, lastOf(chart), 0) // another run
  const longer = data.x.at(-1) > before.x.at(-1)
  if (longer && !waiting(chart)) grow(chart)
  else draw(chart) // only the words, the theme or the other lines changed
}

function begin(chart) {
  chart.top = chart.axis.top
  chart.upTo = waiting(chart) ? firstOf(chart) : lastOf(chart)
  draw(chart)
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

function play(chart) {
  chart.sight.disconnect()
  chart.played = true
  chart.button.textContent = chart.data.words.again
  chart.upTo = firstOf(chart)
  glide(chart, lastOf(chart), PLAY_MS)
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

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches
const waiting = (chart) => chart.data.animate && !chart.played && !reducedMotion()
const firstOf = (chart) => chart.points[0]?.x ?? 0
const lastOf = (chart) => chart.points.at(-1)?.x ?? 0

// A cost that is not finite arrives as null and is the end of the line.
function finitePoints(xs, ys) {
  const end = ys.indexOf(null)
  return xs.slice(0, end < 0 ? xs.length : end).map((x, i) => ({ x, y: ys[i] }))
}

// ---------------------------------------------------------------------- reading a point

function listen(chart) {
  const { canvas, button } = chart
  const point = (event) => readAt(chart, event.offsetX)
  canvas.onpointermove = point
  canvas.onpointerdown = point
  // A lifted finger leaves its reading; it goes with the focus.
  canvas.onpointerleave = (event) => event.pointerType === "mouse" && setCursor(chart, null)
  canvas.onblur = () => setCursor(chart, null)
  canvas.onfocus = () => canvas.matches(":focus-visible") && setCursor(chart, chart.upTo)
  canvas.onkeydown = (event) => readByKey(chart, event)
  button.onclick = () => play(chart)
}

function setCursor(chart, iteration) {
  chart.cursor = iteration
  draw(chart)
}

function readAt(chart, px) {
  const { x, left, width } = chart.geometry
  const near = chart.data.documented.filter(([i, , cost]) => cost !== null && i <= chart.upTo)
  const [meant] = near.sort((a, b) => Math.abs(x(a[0]) - px) - Math.abs(x(b[0]) - px))
  const snapped = meant && Math.abs(x(meant[0]) - px) <= SNAP_PX
  setCursor(chart, snapped ? meant[0] : ((px - left) / width) * chart.data.numIterations)
}

function readByKey(chart, event) {
  const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity, Escape: 0 }
  const move = moves[event.key]
  if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  if (!move) return setCursor(chart, null)
  const here = nearest(chart)?.x ?? chart.upTo
  const documented = chart.data.documented.filter(([, , cost]) => cost !== null).map(([i]) => i)
  const every = event.shiftKey && documented.length ? documented : chart.points.map((p) => p.x)
  const stops = every.filter((i) => i <= chart.upTo)
  const next = move > 0 ? stops.filter((i) => i > here) : stops.filter((i) => i < here).reverse()
  setCursor(chart, (Number.isFinite(move) ? next[0] : next.at(-1)) ?? here)
}

function nearest(chart) {
  if (chart.cursor === null) return null
  let best = null
  for (const p of chart.points) {
    if (p.x > chart.upTo) break
    if (!best || Math.abs(p.x - chart.cursor) <= Math.abs(best.x - chart.cursor)) best = p
  }
  return best
}

function readoutLines(chart, p) {
  const { words, documented } = chart.data
  const lines = [`${words.iteration} ${count(p.x)} · ${words.cost} ${digits(p.y)}`]
  const known = documented.find(([i, , cost]) => i === p.x && cost !== null)
  if (!known) return lines
  const [, value, cost] = known
  const apart = value === cost ? "0" : Math.abs(value - cost).toExponential(0).replace("e+", "e")
  lines.push(`(${words.documented} ${value}, ${words.difference} ${apart})`)
  lines.push(`${words.full} ${cost}`)
  return lines
}

// ---------------------------------------------------------------------- words around the plot

function writeHeader({ root, canvas, button, data, played }) {
  const { words } = data
  const shown = { documented: data.documented.length > 0, previous: data.previous !== null }
  shown.run = shown.documented || shown.previous // a single line needs no legend
  for (const item of root.querySelectorAll(".item")) {
    item.hidden = !shown[item.dataset.series]
    item.querySelector("b").textContent = words[item.dataset.series]
  }
  root.querySelector(".status").textContent = data.status
  button.hidden = !data.animate
  button.textContent = reducedMotion() && !played ? words.play : words.again
  canvas.setAttribute("aria-label", `${data.alt} ${words.keys}`)
}

const count = (n) => n.toLocaleString("en-US")

function digits(value) {
  const plain = value === 0 || (value >= 1e-4 && value < 1e5)
  return plain ? value.toPrecision(4) : value.toExponential(3).replace("e+", "e")
}

// ---------------------------------------------------------------------- scales

const NICE = [[1, 4], [1.5, 3], [2, 4], [3, 3], [4, 4], [6, 3], [8, 4], [10, 4]] // limit, steps

// The smallest nice limit that holds all costs. The data only grow and the thinned curve keeps
// its largest cost, so within a run the limit never shrinks. A previous run that exploded may
// not flatten this one: it is cut off at twice what this one needs.
function niceAxis({ y, documented, previous }) {
  const own = Math.max(0, ...y, ...documented.map(([, cost]) => cost))
  const ghost = Math.max(0, ...(previous?.[1] ?? []))
  const needed = Math.max(own, own ? Math.min(ghost, 2 * own) : ghost) || 1
  const scale = 10 ** Math.floor(Math.log10(needed))
  const [limit, steps] = NICE.find(([m]) => m * scale * (1 + 1e-9) >= needed)
  const step = (limit * scale) / steps
  return { top: limit * scale, step, ticks: Array.from({ length: steps + 1 }, (_, i) => i * step) }
}

function iterationTicks(last, width) {
  const most = Math.min(8, Math.max(2, Math.floor(width / 55)))
  const scale = 10 ** Math.floor(Math.log10(Math.max(1, last / most)))
  const step = [1, 2, 5, 10].map((m) => m * scale).find((s) => last / s <= most)
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step)
}

function costLabel(value, step) {
  if (value === 0) return "0"
  if (step >= 1e5 || step < 1e-3) return value.toExponential(1).replace("e+", "e")
  const decimals = String(+step.toPrecision(3)).split(".")[1]?.length ?? 0
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals })
}

function geometry(chart, ctx) {
  const { clientWidth, clientHeight } = chart.canvas
  const labels = chart.axis.ticks.map((v) => costLabel(v, chart.axis.step))
  const widths = [chart.data.words.cost, ...labels].map((text) => ctx.measureText(text).width)
  const left = Math.ceil(Math.max(28, ...widths)) + 10
  const width = Math.max(1, clientWidth - left - MARGIN.right)
  const bottom = clientHeight - MARGIN.bottom
  const height = Math.max(1, bottom - MARGIN.top)
  return {
    left,
    width,
    bottom,
    height,
    top: MARGIN.top,
    right: left + width,
    full: clientWidth,
    x: (iteration) => left + (iteration / Math.max(1, chart.data.numIterations)) * width,
    y: (cost) => bottom - (cost / chart.top) * height,
  }
}

// ---------------------------------------------------------------------- drawing

function draw(chart, upTo = chart.upTo) {
  const { canvas, data } = chart
  if (!canvas.clientWidth) return
  const ctx = freshContext(canvas)
  const style = getComputedStyle(chart.host) // anew each time: the theme may have changed
  const css = (name) => style.getPropertyValue(`--st-${name}`).trim()
  const ink = {
    text: css("text-color"),
    quiet: css("gray-color"),
    rule: css("border-color"),
    paper: css("background-color"),
  }
  ctx.font = `13px ${css("font")}`
  const g = (chart.geometry = geometry(chart, ctx))
  paintAxes(ctx, g, ink, chart)
  ctx.lineWidth = 2
  ctx.lineJoin = ctx.lineCap = "round"
  ctx.save()
  ctx.beginPath()
  ctx.rect(g.left - 2, g.top - 2, g.width + 4, g.height + 4)
  ctx.clip()
  if (data.previous) paintLine(ctx, g, ink.text, finitePoints(...data.previous), Infinity, 0.25)
  const head = paintLine(ctx, g, ink.text, chart.points, upTo, 1)
  ctx.restore()
  for (const point of data.documented) paintDocumented(ctx, g, ink, point, upTo)
  const moving = chart.growing || upTo < lastOf(chart) || chart.points.length === 1
  const broken = data.y.includes(null) && upTo >= lastOf(chart)
  if (broken) paintBreak(ctx, g, ink, chart, head)
  else if (head && moving) disc(ctx, g.x(head.x), g.y(head.y), 4.5, ink.text)
  showReading(ctx, g, ink, chart)
}

function freshContext(canvas) {
  const ratio = window.devicePixelRatio || 1
  const width = Math.round(canvas.clientWidth * ratio)
  const height = Math.round(canvas.clientHeight * ratio)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const ctx = canvas.getContext("2d")
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.clearRect(0, 0, width, height)
  return ctx
}

function paintAxes(ctx, g, ink, { axis, data }) {
  ctx.lineWidth = 1
  ctx.fillStyle = ink.quiet
  ctx.textBaseline = "middle"
  ctx.textAlign = "right"
  for (const cost of axis.ticks) {
    const y = g.y(cost)
    if (y < g.top - 1) continue // while the limit still moves
    stroke(ctx, cost === 0 ? ink.quiet : ink.rule, [g.left, crisp(y)], [g.right, crisp(y)])
    ctx.fillText(costLabel(cost, axis.step), g.left - 8, y)
  }
  ctx.textBaseline = "alphabetic"
  ctx.textAlign = "center"
  for (const iteration of iterationTicks(data.numIterations, g.width)) {
    const x = crisp(g.x(iteration))
    stroke(ctx, ink.quiet, [x, g.bottom], [x, g.bottom + 4])
    ctx.fillText(count(iteration), x, g.bottom + 18)
  }
  ctx.fillText(data.words.iteration, g.left + g.width / 2, g.bottom + 37)
  ctx.textAlign = "right"
  ctx.fillText(data.words.cost, g.left - 8, 13)
}

// Returns where the line ends, which between two points is on the way from one to the other.
function paintLine(ctx, g, colour, points, upTo, alpha) {
  let head = null
  ctx.beginPath()
  for (const p of points) {
    if (p.x > upTo) {
      const part = head ? (upTo - head.x) / (p.x - head.x) : 0
      if (head) head = { x: upTo, y: head.y + (p.y - head.y) * part }
      if (head) ctx.lineTo(g.x(head.x), g.y(head.y))
      break
    }
    head = p
    ctx.lineTo(g.x(p.x), g.y(p.y))
  }
  ctx.globalAlpha = alpha
  ctx.strokeStyle = colour
  ctx.stroke()
  ctx.globalAlpha = 1
  return head
}

function paintDocumented(ctx, g, ink, [iteration, cost], upTo) {
  const radius = g.width < 420 ? 3 : 3.5
  ctx.globalAlpha = iteration > upTo ? 0.35 : 1
  disc(ctx, g.x(iteration), g.y(cost), radius, ink.paper, ink.quiet)
  ctx.globalAlpha = 1
}

function paintBreak(ctx, g, ink, { data }, head) {
  const iteration = data.x[data.y.indexOf(null)]
  const label = `${data.words.broken} ${count(iteration)}`
  const x = crisp(g.x(iteration))
  ctx.lineWidth = 1
  ctx.setLineDash([3, 3])
  stroke(ctx, ink.quiet, [x, g.top], [x, g.bottom])
  ctx.setLineDash([])
  if (head) paintCross(ctx, g.x(head.x), g.y(head.y), ink)
  const fits = x + 10 + ctx.measureText(label).width < g.full
  ctx.textAlign = fits ? "left" : "right"
  ctx.textBaseline = "middle"
  ctx.fillStyle = ink.text
  ctx.fillText(label, fits ? x + 10 : x - 10, g.bottom - g.height / 8)
}

function paintCross(ctx, x, y, ink) {
  ctx.lineWidth = 2
  stroke(ctx, ink.text, [x - 4, y - 4], [x + 4, y + 4])
  stroke(ctx, ink.text, [x - 4, y + 4], [x + 4, y - 4])
}

function showReading(ctx, g, ink, chart) {
  const p = nearest(chart)
  chart.readout.hidden = !p
  if (!p) return
  const [x, y] = [g.x(p.x), g.y(p.y)]
  ctx.lineWidth = 1
  stroke(ctx, ink.quiet, [crisp(x), g.top], [crisp(x), g.bottom])
  disc(ctx, x, y, 4.5, ink.text, ink.paper)
  const lines = readoutLines(chart, p)
  const text = lines.join("\n")
  if (chart.readout.dataset.text !== text) {
    chart.readout.dataset.text = text
    chart.readout.replaceChildren(...lines.map((line) => element("div", line)))
  }
  placeReadout(chart.readout, g, x, y)
}

// Right above the point, where a falling curve leaves room, and on the left where the frame ends.
// On a phone that would hide the curve: there it stays in the top right corner of the frame.
function placeReadout(readout, g, x, y) {
  const { offsetWidth: w, offsetHeight: h } = readout
  const docked = w > g.full / 2
  const beside = x + 12 + w <= g.full ? x + 12 : x - 12 - w
  const left = docked ? g.full - w : Math.max(0, beside)
  const above = docked ? 0 : Math.max(0, y - 12 - h)
  const hidesPoint = x > left - 6 && y < above + h + 6
  const top = hidesPoint ? y + 12 : above
  readout.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
}

function disc(ctx, x, y, radius, fill, outline) {
  ctx.beginPath()
  ctx.arc(x, y, radius, 0, 2 * Math.PI)
  ctx.fillStyle = fill
  ctx.fill()
  if (!outline) return
  ctx.lineWidth = 1.5
  ctx.strokeStyle = outline
  ctx.stroke()
}

function stroke(ctx, colour, [x0, y0], [x1, y1]) {
  ctx.beginPath()
  ctx.moveTo(x0, y0)
  ctx.lineTo(x1, y1)
  ctx.strokeStyle = colour
  ctx.stroke()
}

const crisp = (pixel) => Math.round(pixel) + 0.5 // a one-pixel line on whole pixels
const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text })
