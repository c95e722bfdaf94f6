// ====================================================================== drawing
// The second part of run_chart.js, after axes.js: scales, lines and signs on the canvas. Two pictures are kept,
// `ahead` (axes, other runs and, in a replay, what is yet to come) and `behind` (the lines of this
// run); a frame shows the second one up to `upTo`, so that it costs the same however long the run.

const MARGIN = { top: 26, right: 22, bottom: 44, between: 34 }
const WIDE = 560 // from here on there is room for the names of other runs
const LINE_HEIGHT = 15
const CELL = 4 // pixels: the grid on which free space is looked for

// Place what depends on the size of the component, draw, and keep in mind at which size.
function arrange(chart) {
  layOutTiles(chart)
  draw(chart)
  chart.size = sizesOf(chart)
}

const sizesOf = ({ box, canvas }) => `${sizeOf(box)} ${sizeOf(canvas)}`

function redraw(chart) {
  chart.version += 1
  arrange(chart)
}

function draw(chart) {
  const { canvas, data, upTo } = chart
  if (!canvas.clientWidth) return
  const ctx = freshContext(canvas)
  keepPictures(chart, ctx)
  const { g, ink, ahead, behind } = chart.pictures
  ctx.font = ink.font
  const end = g.x(upTo)
  ctx.drawImage(ahead, 0, 0, g.full, g.height)
  // Up to the cursor; at the end, the round cap of the line as well.
  const cut = upTo >= lastOf(chart) ? g.full : end
  if (cut > 0) {
    ctx.save()
    ctx.beginPath()
    ctx.rect(0, 0, cut, g.height)
    ctx.clip()
    ctx.drawImage(behind, 0, 0, g.full, g.height)
    ctx.restore()
  }
  for (const point of data.documented) paintDocumented(ctx, g, ink, point, upTo)
  if (data.replay) paintCursor(ctx, g, ink, chart)
  else paintHead(ctx, g, ink, chart)
  if (data.replay) paintFlag(ctx, g, ink, chart)
  paintBreak(ctx, g, ink, chart)
  showReading(ctx, g, ink, chart)
  if (data.replay) paintTiles(chart)
}

function freshContext(canvas) {
  const ratio = (window.devicePixelRatio || 1) * (canvas.currentCSSZoom || 1) // enlarged, still sharp
  const width = Math.round(canvas.clientWidth * ratio)
  const height = Math.round(canvas.clientHeight * ratio)
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const ctx = canvas.getContext("2d")
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.clearRect(0, 0, width, height)
  return ctx
}

function inkOf({ host }) {
  const style = getComputedStyle(host)
  const css = (name) => style.getPropertyValue(`--st-${name}`).trim()
  return {
    text: css("text-color"),
    quiet: css("gray-color"),
    rule: css("border-color"),
    paper: css("background-color"),
    cat: css("green-color"),
    font: `13px ${css("font")}`,
  }
}

function keepPictures(chart, ctx) {
  const { canvas, pictures, version, top } = chart
  const kind = [canvas.width, canvas.height, window.devicePixelRatio, version, top].join()
  if (pictures?.kind === kind) return
  const ink = inkOf(chart)
  ctx.font = ink.font
  const g = (chart.geometry = geometry(chart, ctx))
  const ahead = picture(canvas, pictures?.ahead, ink, (ctx) => paintAhead(ctx, g, ink, chart))
  const behind = picture(canvas, pictures?.behind, ink, (ctx) => {
    paintLines(ctx, g, ink, ownLines(chart), { width: 2 })
  })
  chart.pictures = { kind, g, ink, ahead, behind }
  placeRange(chart, g)
}

function picture({ width, height, clientWidth }, old, ink, paint) {
  const canvas = old ?? document.createElement("canvas")
  Object.assign(canvas, { width, height }) // which also clears it
  const ctx = canvas.getContext("2d")
  const ratio = width / clientWidth
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.font = ink.font
  ctx.lineJoin = ctx.lineCap = "round"
  paint(ctx)
  return canvas
}

// The thumb of the scrubber stands under the cursor: its track reaches half a thumb further.
function placeRange({ range, run }, g) {
  const thumb = 18 // as in run_chart.css
  const [first, last] = [run.x[0] ?? 0, run.x.at(-1) ?? 0]
  range.style.marginLeft = `${g.x(first) - thumb / 2}px`
  range.style.width = `${g.x(last) - g.x(first) + thumb}px`
}

// ---------------------------------------------------------------------- scales

const NICE = [[1, 4], [1.5, 3], [2, 4], [3, 3], [4, 4], [6, 3], [8, 4], [10, 4]] // limit, steps

// The smallest nice limit that holds all costs. The data only grow and the thinned curve keeps
// its largest cost, so within a run the limit never shrinks. Another run that exploded may not
// flatten this one: it is cut off at twice what this one needs.
function niceAxis({ run, ghosts, data }) {
  const largest = (line) => line?.y.reduce((most, y) => Math.max(most, y), 0) ?? 0
  const documented = data.documented.map(([, cost]) => cost)
  const own = Math.max(largest(run.cost), largest(run.testCost), ...documented)
  const others = Math.max(0, ...ghosts.flatMap((ghost) => [ghost.cost, ghost.testCost].map(largest)))
  const needed = Math.max(own, own ? Math.min(others, 2 * own) : others) || 1
  const scale = 10 ** Math.floor(Math.log10(needed))
  const [limit, steps] = NICE.find(([m]) => m * scale * (1 + 1e-6) >= needed)
  const step = (limit * scale) / steps
  return { top: limit * scale, step, ticks: Array.from({ length: steps + 1 }, (_, i) => i * step) }
}

function iterationTicks(last, width) {
  const most = Math.min(8, Math.max(2, Math.floor(width / 55)))
  const step = roundStep(Math.max(1, last / most))
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step)
}

function costLabel(value, step) {
  if (value === 0) return "0"
  if (step >= 1e5 || step < 1e-3) return value.toExponential(1).replace("e+", "e")
  const decimals = String(+step.toPrecision(3)).split(".")[1]?.length ?? 0
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals })
}

function geometry(chart, ctx) {
  const { clientWidth: full, clientHeight: height } = chart.canvas
  const { axis, data, run, top } = chart
  const { words } = data
  const wide = full >= WIDE
  const widthOf = (text) => ctx.measureText(text).width
  const hasAccuracy = Boolean(run.trainAccuracy || run.testAccuracy)
  const ticks = axis.ticks.map((cost) => costLabel(cost, axis.step))
  const widths = [words.cost, ...ticks, ...(hasAccuracy ? ["100%"] : [])].map(widthOf)
  const left = Math.ceil(Math.max(28, ...widths)) + 10
  const names = lineNames(chart, wide, widthOf)
  const right = Math.ceil(Math.max(MARGIN.right, ...names.map(({ text }) => widthOf(text) + 12)))
  const width = Math.max(1, full - left - right)
  const bottom = height - MARGIN.bottom
  const room = Math.max(2, bottom - MARGIN.top)
  const lower = hasAccuracy ? Math.max(36, Math.round(0.27 * (room - MARGIN.between))) : 0
  const panel = (from, to, limit) => ({
    top: from,
    bottom: to,
    y: (value) => to - (value / limit) * (to - from),
  })
  const g = {
    full,
    height,
    wide,
    left,
    width,
    right: left + width,
    top: MARGIN.top,
    bottom,
    names,
    cost: panel(MARGIN.top, hasAccuracy ? bottom - lower - MARGIN.between : bottom, top),
    accuracy: hasAccuracy ? panel(bottom - lower, bottom, 1) : null,
    x: (iteration) => left + (iteration / Math.max(1, data.numIterations)) * width,
  }
  g.flag = placeFlag(g, chart, widthOf(words.best ?? ""))
  return g
}

// Where the words about the best test cost stand: the place nearest to it that no line crosses.
function placeFlag(g, chart, width) {
  const { run, data: { best } } = chart
  if (best === null || !run.testCost || best > run.x.at(-1)) return null
  const [x, y] = [g.x(best), g.cost.y(valueAt(run.testCost, best))]
  const { taken, across, down } = takenCells(g, chart)
  const [w, h] = [Math.ceil((width + 8) / CELL), Math.ceil((LINE_HEIGHT + 2) / CELL)]
  const cells = Array.from({ length: w * h }, (_, i) => Math.floor(i / w) * across + (i % w))
  let found = { x, y, left: Math.min(x + 13, g.right - width), middle: y - 26, far: Infinity }
  for (let row = 0; row + h <= down; row++) {
    for (let column = 0; column + w <= across; column++) {
      const [left, top] = [g.left + column * CELL, g.cost.top + row * CELL]
      const toX = Math.min(Math.max(x, left), left + w * CELL)
      const toY = Math.min(Math.max(y, top), top + h * CELL)
      const far = Math.hypot(toX - x, toY - y)
      if (far < 8 || far >= found.far) continue
      if (cells.some((i) => taken[row * across + column + i])) continue
      found = { x, y, left: left + 4, middle: top + (h * CELL) / 2, toX, toY, far }
    }
  }
  return found
}

function takenCells(g, chart) {
  const { top, bottom, y } = g.cost
  // While the page is laid out, there can be no room at all.
  const [across, down] = [g.width, bottom - top].map((size) => Math.max(0, Math.floor(size / CELL)))
  const taken = new Uint8Array(across * down)
  const cell = (pixel, from, most) => Math.min(Math.max(Math.floor((pixel - from) / CELL), 0), most - 1)
  const take = (x0, y0, x1, y1) => {
    const last = cell(x1, g.left, across)
    for (let column = cell(x0, g.left, across); column <= last; column++) {
      const at = (x) => y0 + ((y1 - y0) * (Math.min(Math.max(x, x0), x1) - x0)) / (x1 - x0 || 1)
      const left = g.left + column * CELL
      const ends = [at(left), at(left + CELL)].map((end) => cell(end, top, down))
      for (let row = Math.min(...ends); row <= Math.max(...ends); row++) taken[row * across + column] = 1
    }
  }
  for (const { line } of [...ownLines(chart), ...ghostLines(chart)].filter(({ panel }) => panel === "cost")) {
    for (let i = 1; i < line.x.length; i++) {
      take(g.x(line.x[i - 1]), y(line.y[i - 1]), g.x(line.x[i]), y(line.y[i]))
    }
  }
  for (const [iteration, cost] of chart.data.documented) {
    const [x0, y0] = [g.x(iteration), y(cost)]
    take(x0 - 4, y0 - 4, x0 + 4, y0 - 4)
    take(x0 - 4, y0 + 4, x0 + 4, y0 + 4)
  }
  return { taken, across, down }
}

// ---------------------------------------------------------------------- the lines and their names

// The thin line of the test goes below: where it oscillates, it fills a band.
const ownLines = ({ run }) => [
  { panel: "cost", line: run.testCost, name: "test", thin: true },
  { panel: "cost", line: run.cost, name: "train" },
  { panel: "accuracy", line: run.testAccuracy, name: "test", thin: true },
  { panel: "accuracy", line: run.trainAccuracy, name: "train" },
].filter(({ line }) => line?.x.length)

const ghostLines = ({ ghosts }) => ghosts.flatMap(({ label, cost, testCost }, i) => [
  { panel: "cost", line: cost, label, letter: testCost ? "" : letterOf(i) },
  { panel: "cost", line: testCost, label, letter: letterOf(i), thin: true },
]).filter(({ line }) => line?.x.length)

const letterOf = (i) => "abcdefghij"[i] ?? "…"

// Names stand at the right ends of the lines: where there is no room for the name of another run,
// a letter, which the legend explains.
function lineNames(chart, wide, widthOf) {
  const { words, replay } = chart.data
  if (!replay) return []
  const own = ownLines(chart).map((each) => ({ ...each, text: words[each.name] }))
  const others = ghostLines(chart)
    .filter(({ letter }) => letter) // once for both lines of a run
    .map((each) => {
      const text = wide ? shorten(each.label, 150, widthOf) : each.letter
      return { ...each, text, faint: true }
    })
  return [...own, ...others]
}

function shorten(text, most, widthOf) {
  if (widthOf(text) <= most) return text
  let end = text.length
  while (end > 1 && widthOf(`${text.slice(0, end)}…`) > most) end -= 1
  return `${text.slice(0, end).trimEnd()}…`
}

function paintNames(ctx, g, ink) {
  ctx.textAlign = "left"
  ctx.textBaseline = "middle"
  for (const name of ["cost", "accuracy"]) {
    const panel = g[name]
    if (!panel) continue
    const here = g.names.filter((each) => each.panel === name)
    const wanted = here.map(({ line }) => panel.y(line.y.at(-1)))
    keepApart(wanted, panel.top, panel.bottom, LINE_HEIGHT).forEach((y, i) => {
      ctx.fillStyle = here[i].faint ? ink.quiet : ink.text
      ctx.fillText(here[i].text, g.right + 8, y)
    })
  }
}

// ---------------------------------------------------------------------- the two pictures

function paintAhead(ctx, g, ink, chart) {
  paintAxes(ctx, g, ink, chart)
  const faint = chart.data.replay ? { alpha: 0.5, width: 1.2 } : { alpha: 0.25, width: 2 }
  paintLines(ctx, g, ink, ghostLines(chart), faint)
  for (const { line, thin } of ghostLines(chart)) {
    const branches = !thin && line.x[0] > firstOf(chart)
    if (branches) disc(ctx, g.x(line.x[0]), g.cost.y(line.y[0]), 2.5, ink.quiet)
  }
  if (chart.data.replay) paintLines(ctx, g, ink, ownLines(chart), { alpha: 0.22, width: 2 })
  paintNames(ctx, g, ink)
}

function paintAxes(ctx, g, ink, { axis, data }) {
  const { words } = data
  ctx.lineWidth = 1
  ctx.textBaseline = "middle"
  const rule = (panel, value, text) => {
    const y = panel.y(value)
    if (y < panel.top - 1) return // while the limit still moves
    stroke(ctx, value === 0 ? ink.quiet : ink.rule, [g.left, crisp(y)], [g.right, crisp(y)])
    ctx.fillText(text, g.left - 8, y)
  }
  ctx.fillStyle = ink.quiet
  ctx.textAlign = "right"
  for (const cost of axis.ticks) rule(g.cost, cost, costLabel(cost, axis.step))
  if (g.accuracy) for (const part of [0, 0.5, 1]) rule(g.accuracy, part, part ? `${100 * part}%` : "0")
  ctx.textBaseline = "alphabetic"
  const title = (text, panel) => {
    ctx.fillText(text, Math.max(g.left - 8, ctx.measureText(text).width), panel.top - 13)
  }
  title(words.cost, g.cost)
  if (g.accuracy) title(words.accuracy, g.accuracy)
  ctx.textAlign = "center"
  for (const iteration of iterationTicks(data.numIterations, g.width)) {
    const x = crisp(g.x(iteration))
    stroke(ctx, ink.quiet, [x, g.bottom], [x, g.bottom + 4])
    ctx.fillText(count(iteration), x, g.bottom + 18)
  }
  ctx.fillText(words.iteration, g.left + g.width / 2, g.bottom + 37)
}

function paintLines(ctx, g, ink, lines, { alpha = 1, width }) {
  ctx.save()
  ctx.globalAlpha = alpha
  for (const { line, panel, thin } of lines) {
    const { y, top, bottom } = g[panel]
    const path = new Path2D()
    for (let i = 0; i < line.x.length; i++) path.lineTo(g.x(line.x[i]), y(line.y[i]))
    ctx.save()
    ctx.beginPath()
    ctx.rect(g.left - 2, top - 2, g.width + 4, bottom - top + 4)
    ctx.clip()
    ctx.lineWidth = thin ? width / 2 : width
    ctx.strokeStyle = thin ? ink.quiet : ink.text
    ctx.stroke(path)
    ctx.restore()
  }
  ctx.restore()
}

// ---------------------------------------------------------------------- what moves

// Where a line is at an iteration, between two points on the way from one to the other.
function pointOn({ x, y }, iteration) {
  const i = indexAt(x, iteration)
  if (i < 0) return null
  if (i === x.length - 1) return { x: x[i], y: y[i] }
  const part = (iteration - x[i]) / (x[i + 1] - x[i])
  return { x: iteration, y: y[i] + (y[i + 1] - y[i]) * part }
}

function paintHead(ctx, g, ink, chart) {
  const { run, upTo, growing } = chart
  const head = pointOn(run.cost, upTo)
  const moving = growing || upTo < lastOf(chart) || run.x.length === 1
  const broken = chart.data.run.broken !== null && upTo >= lastOf(chart)
  if (head && moving && !broken) disc(ctx, g.x(head.x), g.cost.y(head.y), 4.5, ink.text)
}

function paintCursor(ctx, g, ink, chart) {
  const x = crisp(g.x(chart.upTo) - 0.5)
  ctx.lineWidth = 1.5
  stroke(ctx, ink.text, [x, g.top - 4], [x, g.bottom + 4])
  paintHeads(ctx, g, ink, chart, chart.upTo, 4.5)
}

// Train is a full disc, test a hollow one.
function paintHeads(ctx, g, ink, chart, iteration, radius) {
  for (const { line, panel, thin } of ownLines(chart)) {
    const head = pointOn(line, iteration)
    if (!head) continue
    const at = [g.x(head.x), g[panel].y(head.y)]
    if (at[1] < g[panel].top - 2) continue
    disc(ctx, ...at, radius, thin ? ink.paper : ink.text, thin ? ink.text : ink.paper)
  }
}

function paintDocumented(ctx, g, ink, [iteration, cost], upTo) {
  const radius = g.width < 420 ? 3 : 3.5
  ctx.globalAlpha = iteration > upTo ? 0.7 : 1
  disc(ctx, g.x(iteration), g.cost.y(cost), radius, ink.paper, ink.quiet)
  ctx.globalAlpha = 1
}

// A ring at the best test cost, and a line from there to its words.
function paintFlag(ctx, g, ink, { data: { words } }) {
  if (!g.flag) return
  const { x, y, left, middle, toX, toY } = g.flag
  for (const [width, colour] of [[4.5, ink.paper], [1.2, ink.text]]) { // seen over a thick curve, too
    ctx.lineWidth = width
    if (toX !== undefined) stroke(ctx, colour, [x, y], [toX, toY])
  }
  disc(ctx, x, y, 7, ink.paper)
  disc(ctx, x, y, 5, ink.paper, ink.text)
  sayOnPaper(ctx, ink, words.best, left, middle, "left")
}

function sayOnPaper(ctx, ink, text, x, y, align) {
  ctx.textAlign = align
  ctx.textBaseline = "middle"
  ctx.lineWidth = 4
  ctx.lineJoin = "round"
  ctx.strokeStyle = ink.paper
  ctx.strokeText(text, x, y)
  ctx.fillStyle = ink.text
  ctx.fillText(text, x, y)
}

function paintBreak(ctx, g, ink, chart) {
  const { broken } = chart.data.run
  if (broken === null || chart.upTo < lastOf(chart)) return
  const { words } = chart.data
  const label = `${words.broken} ${count(broken)}`
  const x = crisp(g.x(broken))
  const head = pointOn(chart.run.cost, chart.upTo)
  ctx.lineWidth = 1
  ctx.setLineDash([3, 3])
  stroke(ctx, ink.quiet, [x, g.top], [x, g.bottom])
  ctx.setLineDash([])
  if (head) paintCross(ctx, g.x(head.x), Math.max(g.top, g.cost.y(head.y)), ink.text, 4)
  const fits = x + 10 + ctx.measureText(label).width < g.full
  sayOnPaper(ctx, ink, label, fits ? x + 10 : x - 10, g.cost.bottom - (g.cost.bottom - g.top) / 8,
    fits ? "left" : "right")
}

function paintCross(ctx, x, y, colour, size) {
  ctx.lineWidth = 2
  stroke(ctx, colour, [x - size, y - size], [x + size, y + size])
  stroke(ctx, colour, [x - size, y + size], [x + size, y - size])
}

function showReading(ctx, g, ink, chart) {
  const iteration = nearest(chart)
  chart.readout.hidden = iteration === null
  if (iteration === null) return
  const x = g.x(iteration)
  const y = g.cost.y(valueAt(chart.run.cost, iteration))
  ctx.lineWidth = 1
  stroke(ctx, ink.quiet, [crisp(x), g.top], [crisp(x), g.bottom])
  paintHeads(ctx, g, ink, chart, iteration, chart.data.replay ? 3.5 : 4.5)
  const lines = readoutLines(chart, iteration)
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
