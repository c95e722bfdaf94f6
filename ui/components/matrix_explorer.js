// The matrices of one step as they stand in its formula. Hovering, tapping and walking over entries
// is answered here, from the numbers that matrix_explorer.py sent; the server is told what is pinned,
// and asked for other numbers where a window of a large matrix moves.

const AXES = ["i", "j", "k", "l"]
const TINY = 2 ** -1022, ALMOST = 1 - 2 ** -53 // as nncore reads answers of exactly 0 and 1

// Overviews and pictures change only with the arrays, so they are kept: when a window moves, the server
// hears which are here already and need not send them again.
const images = new Map()

function keep(id, blobs) {
  images.delete(id)
  images.set(id, Object.fromEntries(Object.entries(blobs).map(([name, text]) => [name, Uint8Array.from(atob(text), (c) => c.charCodeAt(0))])))
  if (images.size > 8) images.delete(images.keys().next().value)
}

// Streamlit calls this again on every change of data or theme, with the same parentElement: what
// must survive (which formula, which entry, the focus) is kept on it.
function render({ data: [data], parentElement: root, setStateValue, setTriggerValue }) {
  const box = root.querySelector(".explorer")
  const ex = (root.explorer ??= { formula: 0, hover: null, last: {}, held: null, trail: [], gallery: {}, sent: data.echo })
  const host = root.host ?? box
  const paper = getComputedStyle(host).getPropertyValue("--st-background-color").trim()
  Object.assign(ex, { root, host, send: (view) => setStateValue("view", view), leave: (left) => setTriggerValue("leave", left) })
  if (ex.sent === data.echo || ex.pinned === undefined) ex.pinned = data.pinned
  if (data.echo > ex.sent) ex.sent = data.echo
  if (ex.box !== box) watch(ex, box)
  if (ex.box !== box || ex.hash !== data.hash || ex.led !== data.led || ex.paper !== paper) {
    const fresh = !ex.data || ex.data.key !== data.key
    const { id, blobs } = data.images
    if (blobs) keep(id, blobs)
    Object.assign(ex, { box, paper, hash: data.hash, data, dark: isDark(paper), images: images.get(id) ?? {} })
    if (!images.has(id)) setTimeout(() => ask(ex)) // the server thought that they were here
    if (fresh && ex.pinned) ex.formula = formulaOf(ex, ex.pinned[0])
    if (ex.formula >= data.formulas.length) ex.formula = 0
    const led = !fresh && data.led > ex.led // elsewhere on the page an entry was asked for
    if (led && ex.pinned) Object.assign(ex, { formula: formulaOf(ex, ex.pinned[0]), hover: null, held: null, recent: null, opened: null, trail: [] })
    ex.trail = ex.trail.filter((at) => data.formulas[at.index] && at.r < outputAt(ex, at).panel.size[0] && at.c < outputAt(ex, at).panel.size[1])
    build(ex)
    if (led || (fresh && data.arrive)) arrive(ex)
  } else {
    for (const f of data.formulas) f.aim = null
    ex.stage.classList.remove("moving", "waiting")
    placeFrames(ex, formula(ex))
    show(ex)
  }
  ex.led = data.led
  return () => {
    ex.resize?.disconnect()
    ex.box = null
  }
}

// ---- small helpers ------------------------------------------------------------------------------

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
const count = (n) => n.toLocaleString("en-US")
const minus = (text) => String(text).replaceAll("-", "−")
const clamp = (value, least, most) => Math.min(most, Math.max(least, value))
const SUPER = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((s, d) => [d, s])) }
const power = (n) => `×10${[...String(n)].map((c) => SUPER[c]).join("")}`

function isDark(paper) {
  const channels = paper.match(/^#(..)(..)(..)$/)?.slice(1).map((c) => parseInt(c, 16)) ?? [255]
  return Math.max(...channels) < 128
}

// All digits of the float64: what Python and JavaScript both print.
function full(value) {
  if (Number.isNaN(value)) return "NaN"
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞"
  const [digits, exponent] = String(value).split("e")
  return minus(digits) + (exponent ? power(+exponent) : "")
}

// Four significant digits, standing alone.
function short(value) {
  if (!Number.isFinite(value)) return full(value)
  if (value === 0) return "0"
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e6) return minus(value)
  if (size >= 1e-3 && size < 1e5) return minus(value.toPrecision(4))
  const [digits, exponent] = value.toExponential(3).split("e")
  return minus(digits) + power(+exponent)
}

// As it stands in its matrix, decimals aligned; an exact zero is a bare 0.
function aligned(panel, value) {
  if (!Number.isFinite(value)) return full(value)
  if (value === 0) return "0"
  const scaled = value / 10 ** panel.power
  const text = scaled.toFixed(panel.decimals)
  return Number(text) === 0 ? minus(scaled.toExponential(0)) : minus(text)
}

// In a term, with which one may reckon: four digits, as in the matrix where that has them.
function inTerm(panel, value) {
  const scaled = value / 10 ** panel.power
  const enough = value === 0 || panel.power === 0 && Math.abs(scaled) * 10 ** panel.decimals >= 1000
  if (!Number.isFinite(value) || enough) return aligned(panel, value)
  return short(value)
}

// ---- colours: blue, neutral at zero, orange ---------------------------------------------------------

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))

function ramp(ex) {
  const [low, zero, high] = ex.data.signs[ex.dark ? "dark" : "light"].map(rgb)
  return Array.from({ length: 256 }, (_, index) => {
    const t = clamp((index - 128) / 127, -1, 1)
    const end = t < 0 ? low : high
    return zero.map((c, k) => Math.round(c + (end[k] - c) * Math.abs(t)))
  })
}

const linear = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4

function inkOn([r, g, b]) {
  const light = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#ffffff" // 4.58 : 1 at the worst
}

function paint(ex, element, panel, value) {
  const t = Number.isFinite(value) ? clamp(value / (panel.limit || 1), -1, 1) : 0
  const colour = ex.ramp[128 + Math.round(127 * t)]
  element.style.setProperty("--fill", `rgb(${colour})`)
  element.style.setProperty("--ink", inkOn(colour))
}

function paintPixels(ex, canvas, image, width, height, from = 0) {
  const bytes = ex.images[image.image]
  if (!bytes) return
  Object.assign(canvas, { width, height })
  const context = canvas.getContext("2d")
  const pixels = context.createImageData(width, height)
  for (let p = 0; p < width * height; p++) {
    const [r, g, b] = ex.ramp[bytes[from + p]]
    pixels.data.set([r, g, b, 255], 4 * p)
  }
  context.putImageData(pixels, 0, 0)
}

// ---- what stands where ------------------------------------------------------------------------------

const formula = (ex) => ex.data.formulas[ex.formula]
const outputOf = (f) => f.panels.at(-1)
const formulaOf = (ex, name) => Math.max(0, ex.data.formulas.findIndex((f) => f.output === name))
const start = (f, axis) => (axis === "0" ? 0 : f.windows[axis][0])
const inWindow = (f, axis, at) => axis === "0" || (at >= f.windows[axis][0] && at < f.windows[axis][0] + f.windows[axis][1])
const aim = (f) => (f.aim ??= structuredClone(f.windows)) // where the windows shall be; they are there with the next data
const moves = (f, axis) => axis !== "0" && f.windows[axis][1] < f.axes[axis].n
const nameOf = (panel) => panel.label + (panel.transposed ? "ᵀ" : "")

// An entry is {panel, r, c}, with row and column as the matrix stands in the formula.
const valueAt = (f, { panel, r, c }) => {
  const row = panel.values[r - start(f, panel.rows)]
  const value = row?.[c - start(f, panel.columns)]
  return value === undefined ? undefined : Number(value)
}
const visible = (f, entry) => valueAt(f, entry) !== undefined

function coordinates({ panel, r, c }) {
  const at = {}
  if (panel.rows !== "0") at[panel.rows] = r
  if (panel.columns !== "0") at[panel.columns] = c
  return at
}

const agrees = (panel, r, c, at) =>
  (at[panel.rows] === undefined || at[panel.rows] === r) &&
  (at[panel.columns] === undefined || at[panel.columns] === c)

// What is talked about: the entry that the pointer or the focus entered last, else what was clicked,
// pinned, or looked at before, else the first of the output.
function current(ex) {
  const f = formula(ex)
  const pin = ex.pinned?.[0] === f.output ? { panel: outputOf(f), r: ex.pinned[1], c: ex.pinned[2] } : null
  const [i, j] = [start(f, outputOf(f).rows), start(f, outputOf(f).columns)]
  const found = [ex.hover, ex.held, pin, ex.recent, ex.last[f.output]].find((entry) => entry && visible(f, entry))
  return found ?? { panel: outputOf(f), r: i, c: j }
}

// ---- building ---------------------------------------------------------------------------------------

function build(ex) {
  const { box, data } = ex
  const f = formula(ex)
  ex.ramp = ramp(ex)
  keepEntries(ex, f)
  const focus = remembered(ex)
  const scroll = ex.stage?.scrollLeft ?? 0
  box.dataset.phase = data.phase
  const [low, zero, high] = data.signs[ex.dark ? "dark" : "light"]
  for (const [name, colour] of [["--low", low], ["--zero", zero], ["--high", high]]) box.style.setProperty(name, colour)
  ex.stage = el("div", { className: "stage" })
  ex.said = el("div", { className: "said" })
  ex.heading = el("div", { className: "heading" })
  ex.live ??= el("div", { className: "live", attributes: { "aria-live": "polite", "aria-atomic": "true" } })
  ex.panels = f.panels.map((panel, index) => buildPanel(ex, f, panel, index))
  const between = signs(f, data.text)
  ex.panels.forEach((built, index) => {
    const before = between[index] ? el("span", { className: "operator", innerHTML: between[index] }) : null
    ex.stage.append(el("div", { className: `group ${before ? "" : "first"}` }, before, built.element))
  })
  ex.explanation = el("div", { className: "explanation" }, ex.heading, ex.said)
  box.replaceChildren(...[buildHead(ex), ex.stage, buildJump(ex, f), ex.explanation, ex.live].filter(Boolean))
  listen(ex)
  ex.measured = null
  show(ex)
  ex.stage.scrollLeft = scroll
  restore(ex, focus)
  fit(ex)
  const choice = ex.choices?.[ex.formula]
  if (choice) choice.parentElement.scrollLeft = choice.offsetLeft - choice.parentElement.offsetLeft - 40
}

// Who was led here sees the matrices with the entry in question, and can go on from it by keys; in front
// of a room they stay the remote's.
function arrive(ex) {
  const go = () => ex.box.scrollIntoView({ block: "start" })
  window.nncoreHistory ? window.nncoreHistory.lead(go) : go() // see arrival.js
  if (ex.data.present) return
  ex.stage.querySelector(".cell.pinned")?.focus({ preventScroll: true })
}

// Entries point at panels of the data; after new data they shall point at the new ones.
function keepEntries(ex, f) {
  const renew = (entry) => {
    const panel = entry && f.panels.find((p) => p.name === entry.panel.name && p.part === entry.panel.part)
    return panel && entry.r < panel.size[0] && entry.c < panel.size[1] ? { ...entry, panel } : null
  }
  ex.hover = renew(ex.hover)
  ex.held = renew(ex.held)
  ex.recent = renew(ex.recent)
  ex.last[f.output] = renew(ex.last[f.output])
}

const DOT = `<span class="dot">·</span>`

// What stands between the matrices, along the line of their names.
function signs(f, text) {
  const m = f.m ? `<i class="fraction"><i>1</i><i>m</i></i>` : ""
  const inputs = f.panels.length - 1
  const equals = f.kind === "dAL" || f.kind === "cost" ? "→" : "="
  const first = {
    product: f.scale === null ? "" : f.m ? `${m}${DOT}` : `${short(f.scale)} ${DOT}`,
    relu: "max(0,", sigmoid: "σ(",
  }[f.kind] ?? ""
  const sum = f.kind === "product" && f.panels.filter((p) => p.part === "factor").length === 1 ? "Σ" : ""
  const middle = {
    product: DOT, update: `− α ${DOT}`, relu_backward: `<span class="words">${text.where}</span>`, sigmoid_backward: "∗ σ′(", cost: ",", dAL: ",",
  }[f.kind] ?? ""
  return f.panels.map((panel, index) => {
    if (index === 0) return first + sum
    if (panel.part === "addend") return "+"
    if (index < inputs) return middle
    const close = { relu: ") ", sigmoid: ") ", sigmoid_backward: ") ", relu_backward: `<span class="words">&gt; 0 </span>` }[f.kind] ?? ""
    return close + equals
  })
}

function buildHead(ex) {
  const { formulas, text } = ex.data
  ex.choices = null
  const equation = (f) => el("span", { className: "equation", textContent: f.equation })
  if (formulas.length === 1) return el("div", { className: "head" }, equation(formulas[0]))
  ex.choices = formulas.map((f, index) => el("button", {
    type: "button",
    tabIndex: index === ex.formula ? 0 : -1,
    onclick: () => turnTo(ex, index),
    attributes: { role: "radio", "aria-checked": String(index === ex.formula) },
  }, equation(f)))
  const group = el("div", { className: "choices", attributes: { role: "radiogroup", "aria-label": text.formula } }, ...ex.choices)
  group.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    turnTo(ex, (ex.formula + step + formulas.length) % formulas.length)
  }
  return el("div", { className: "head" }, group)
}

// Another formula begins where the way back from the entry in question passes, if it does.
function turnTo(ex, index) {
  const from = origin(ex)
  const way = from ? wayBack(ex, outputAt(ex, from)) : []
  const k = way.findIndex((at) => at.index === index)
  const before = ex.trail.find((at) => at.index === index)
  if (k > 0) walk(ex, way.slice(0, k), way[k])
  else if (before) go(ex, before)
  else choose(ex, index)
  ex.choices[ex.formula].focus({ preventScroll: true })
}

function choose(ex, index, entry = null) {
  Object.assign(ex, { formula: index, hover: null, held: null, recent: null })
  if (entry) ex.last[ex.data.formulas[index].output] = entry
  build(ex)
}

function buildPanel(ex, f, panel, index) {
  const { text } = ex.data
  const built = { panel, index, cells: [], rowHeads: [], columnHeads: [] }
  const [r0, c0] = [start(f, panel.rows), start(f, panel.columns)]
  const chars = Math.max(...panel.values.flat().map((v) => aligned(panel, Number(v)).length), 1)
  const table = el("table", {
    className: "matrix",
    attributes: {
      role: "grid",
      "aria-label": gridLabel(ex, f, panel),
      "aria-rowcount": panel.size[0], "aria-colcount": panel.size[1],
    },
  })
  const heads = panel.values[0].map((_, c) => el("th", {
    scope: "col", textContent: panel.size[1] > 1 ? count(c0 + c + 1) : "",
  }))
  built.columnHeads = heads
  table.append(el("thead", {}, el("tr", {}, el("td", { className: "corner" }), ...heads)))
  const body = el("tbody")
  panel.values.forEach((row, r) => {
    const head = el("th", { scope: "row", textContent: panel.size[0] > 1 ? count(r0 + r + 1) : "" })
    const cells = row.map((value, c) => buildCell(ex, f, built, { panel, r: r0 + r, c: c0 + c }, Number(value)))
    built.rowHeads.push(head)
    built.cells.push(cells)
    body.append(el("tr", { attributes: { "aria-rowindex": r0 + r + 1 } }, head, ...cells))
  })
  table.append(body)
  table.style.setProperty("--chars", chars)
  const headWidth = panel.size[0] > 1 ? 6.2 * count(r0 + panel.values.length).length : 0
  built.table = table
  built.element = el("div", { className: `panel ${panel.part === "output" ? "output" : "input"}` })
  const shown = ex.gallery[panel.name] && panel.pictures
  built.element.append(
    nameLine(ex, f, panel), axisLines(ex, f, panel),
    shown ? buildGallery(ex, f, built) : el("div", { className: "scroll" }, brackets(table, headWidth)),
    scaleBar(ex, f, panel),
    panel.overview && !shown ? buildOverview(ex, f, built) : "",
  )
  return built
}

function brackets(table, headWidth) {
  const element = el("div", { className: "brackets" }, table)
  element.style.setProperty("--head", `${Math.ceil(headWidth)}px`)
  return element
}

function gridLabel(ex, f, panel) {
  const say = (axis, n) => axis === "0" ? `${n}` : `${count(n)} ${n === 1 ? f.axes[axis].one : f.axes[axis].many}`
  const rows = say(panel.rows, panel.size[0]), columns = say(panel.columns, panel.size[1])
  return fill(ex.data.text.grid, { name: nameOf(panel) + (panel.new ? ` ${ex.data.text.new}` : ""), rows, columns })
}

function buildCell(ex, f, built, entry, value) {
  const { panel } = entry
  const cell = el("td", { className: "cell", tabIndex: -1, attributes: { role: "gridcell" } })
  cell.entry = entry
  cell.built = built
  const written = aligned(panel, value)
  cell.append(written)
  // The decimals that a bare 0 lacks keep its place.
  if (value === 0 && panel.decimals) cell.append(el("span", { className: "ghost", textContent: "." + "0".repeat(panel.decimals), attributes: { "aria-hidden": "true" } }))
  cell.title = full(value)
  cell.setAttribute("aria-label", `${meaning(ex, f, entry)}: ${short(value)}`)
  paint(ex, cell, panel, value)
  return cell
}

const ownPlace = ({ panel, r, c }) => (panel.transposed ? [c, r] : [r, c]) // where it stands in its array

// "Z1[1, 0]": an entry as the course and NumPy call it, counted from 0
function inNumPy(entry) {
  const { shape, label } = entry.panel
  return shape.length ? `${label}[${ownPlace(entry).slice(-shape.length).join(", ")}]` : label
}

// "row 2 (unit), column 1 (example)", counted from 1
function inWords(ex, f, { panel, r, c }) {
  if (!panel.shape.length) return ""
  const { text } = ex.data
  const noun = (axis) => (axis === "0" ? "" : ` (${f.axes[axis].one})`)
  const [rows, columns] = panel.transposed ? [panel.columns, panel.rows] : [panel.rows, panel.columns]
  const [row, column] = ownPlace({ panel, r, c })
  return `${text.row} ${count(row + 1)}${noun(rows)}, ${text.column} ${count(column + 1)}${noun(columns)}`
}

// "A1ᵀ row 2, column 4": where a factor stands in the formula, when it is turned
const turned = (ex, { panel, r, c }) => panel.transposed
  ? `${nameOf(panel)} ${ex.data.text.row} ${count(r + 1)}, ${ex.data.text.column} ${count(c + 1)}` : ""

// "Z1 row 2 (unit), column 1 (example)"
function meaning(ex, f, entry) {
  const { label, new: isNew } = entry.panel
  return [label, isNew && ex.data.text.new, inWords(ex, f, entry)].filter(Boolean).join(" ")
}

function nameLine(ex, f, panel) {
  const [rows, columns] = [panel.rows, panel.columns]
  const number = (n, axis) => el("span", { className: `mark ${axis === "0" ? "" : axis}`, textContent: panel.size.length ? n : n })
  const line = el("div", { className: "name" },
    el("b", { className: panel.tone, textContent: nameOf(panel) }),
    panel.new ? el("em", { textContent: ex.data.text.new }) : null)
  if (panel.shape.length === 2) {
    line.append(el("span", { className: "shape" }, "(", number(panel.size[0], rows), ", ", number(panel.size[1], columns), ")"))
  } else line.append(el("span", { className: "shape", textContent: panel.shape.length ? `(${panel.shape[0]},)` : "()" }))
  return line
}

// The axes: which letter of the formula, what it counts, how many. k is what must agree.
function axisLines(ex, f, panel) {
  const line = (axis, arrow) => {
    if (axis === "0") return el("div", { className: "axis none", textContent: "\u00a0" })
    const { n, one, many } = f.axes[axis]
    return el("div", { className: `axis ${axis}` },
      el("span", { className: "arrow", textContent: arrow }),
      el("span", { className: `mark ${axis}`, textContent: `${count(n)} ${n === 1 ? one : many}` }),
      el("i", { textContent: axis }))
  }
  return el("div", { className: "axes" }, line(panel.rows, "↓"), line(panel.columns, "→"))
}

function scaleBar(ex, f, panel) {
  const { text } = ex.data
  const shownPower = panel.power ? el("span", { className: "power", textContent: `${power(panel.power)}` }) : null
  const toggle = panel.pictures ? el("button", {
    type: "button", className: "toggle",
    textContent: ex.gallery[panel.name] ? text.numbers : text.pictures,
    onclick: () => {
      ex.gallery[panel.name] = !ex.gallery[panel.name]
      build(ex)
      ex.panels.find((p) => p.panel === panel)?.element.querySelector(".toggle")?.focus()
    },
  }) : null
  const limit = ex.gallery[panel.name] && panel.pictures ? panel.pictures.limit : panel.limit
  const bar = el("div", { className: "scale", title: fill(text.colour, { limit: full(limit) }) },
    el("span", { textContent: limit ? `−${short(limit)}` : "0" }), el("i"), el("span", { textContent: short(limit) }))
  return el("div", { className: "foot" }, bar, shownPower, toggle)
}

// ---- large matrices: overview, window, pictures -------------------------------------------------------

function buildOverview(ex, f, built) {
  const { panel } = built
  const canvas = el("canvas", { attributes: { role: "img", "aria-label": overviewLabel(ex, f, panel) } })
  paintPixels(ex, canvas, panel.overview, panel.overview.columns, panel.overview.rows)
  const frame = el("div", { className: "frame" })
  const view = el("div", { className: "overview", title: overviewLabel(ex, f, panel) }, canvas, frame)
  const [rows, columns] = panel.size
  view.style.width = columns > 16 ? "100%" : `${Math.max(12, columns * 6)}px`
  view.style.height = rows > 16 ? "84px" : `${Math.max(12, rows * 6)}px`
  built.frame = frame
  placeFrame(f, panel, frame)
  dragFrame(ex, f, built, view)
  return el("div", { className: "under" }, view)
}

function overviewLabel(ex, f, panel) {
  const range = (axis) => {
    const [from, n] = axis === "0" ? [0, 1] : f.windows[axis]
    return [count(from + 1), count(from + n)]
  }
  const [[a, b], [c, d]] = [range(panel.rows), range(panel.columns)]
  return fill(ex.data.text.overview, { name: nameOf(panel), a, b, c, d })
}

function placeFrame(f, panel, frame) {
  const span = (axis, n) => (axis === "0" ? [0, 1] : aim(f)[axis].map((part) => part / n))
  const [[top, height], [left, width]] = [span(panel.rows, panel.size[0]), span(panel.columns, panel.size[1])]
  Object.assign(frame.style, {
    top: `${100 * top}%`, height: `${100 * height}%`, left: `${100 * left}%`, width: `${100 * width}%`,
  })
}

// Dragging moves all frames that share the axis; the numbers follow when it is let go.
function dragFrame(ex, f, built, view) {
  const { panel } = built
  const move = (event) => {
    const box = view.getBoundingClientRect()
    const shift = (axis, part, n) => {
      if (!moves(f, axis)) return
      const length = f.windows[axis][1]
      aim(f)[axis][0] = clamp(Math.round(part * n - length / 2), 0, n - length)
    }
    shift(panel.rows, (event.clientY - box.top) / box.height, panel.size[0])
    shift(panel.columns, (event.clientX - box.left) / box.width, panel.size[1])
    placeFrames(ex, f)
  }
  view.onpointerdown = (event) => {
    view.setPointerCapture(event.pointerId)
    event.preventDefault()
    ex.stage.classList.add("moving")
    move(event)
  }
  view.onpointermove = (event) => view.hasPointerCapture(event.pointerId) && move(event)
  view.onpointerup = () => {
    ex.hover = ex.held = null
    ask(ex)
  }
}

function buildJump(ex, f) {
  const long = AXES.filter((axis) => f.axes[axis] && moves(f, axis))
  if (!long.length) return null
  const { text } = ex.data
  ex.jumps = {}
  const fields = long.map((axis) => {
    const { n, one } = f.axes[axis]
    const input = el("input", {
      type: "number", min: 1, max: n, step: 1, inputMode: "numeric", value: f.windows[axis][0] + 1,
      attributes: { "aria-label": `${one}, 1 ${text.of} ${n}` },
      onchange: () => {
        const at = Math.round(Number(input.value)) - 1
        if (Number.isFinite(at) && input.value !== "") jump(ex, { [axis]: clamp(at, 0, n - 1) })
      },
    })
    input.style.width = `${String(n).length + 4.5}ch`
    ex.jumps[axis] = input
    return el("label", { className: axis }, el("i", { textContent: axis }), ` ${one} `, input, ` ${text.of} ${count(n)}`)
  })
  return el("div", { className: "jump" }, el("span", { textContent: text.jump }), ...fields)
}

function placeFrames(ex, f) {
  for (const other of ex.panels) if (other.frame) placeFrame(f, other.panel, other.frame)
  for (const [axis, input] of Object.entries(ex.jumps ?? {})) if (f.windows[axis]) input.value = aim(f)[axis][0] + 1
}

// Bring places into the windows; where that needs other numbers, the server is asked.
function jump(ex, at, entry = null) {
  const f = formula(ex)
  let moved = false
  for (const [axis, where] of Object.entries(at)) {
    if (axis === "0" || !moves(f, axis)) continue
    const [from, length] = aim(f)[axis]
    if (where >= from && where < from + length) continue
    aim(f)[axis][0] = clamp(where - Math.floor(length / 2), 0, f.axes[axis].n - length)
    moved = true
  }
  const out = outputOf(f)
  const seen = entry ?? current(ex)
  const goal = { panel: out, r: at[out.rows] ?? seen.r, c: at[out.columns] ?? seen.c }
  if (!entry && (at.i !== undefined || at.j !== undefined)) ex.last[f.output] = goal
  ex.held = null
  if (moved) {
    placeFrames(ex, f)
    ask(ex)
  } else show(ex)
}

// Rows of W1 as pictures: what each unit looks for.
function buildGallery(ex, f, built) {
  const { panel } = built
  const { side, count: n } = panel.pictures
  const [r0, length] = f.windows[panel.rows]
  built.thumbs = Array.from({ length: n }, (_, r) => {
    const canvas = el("canvas")
    paintPixels(ex, canvas, panel.pictures, side, side, r * side * side)
    const thumb = el("button", {
      type: "button", className: `thumb ${r >= r0 && r < r0 + length ? "near" : ""}`,
      attributes: { "aria-label": `${panel.label} ${f.axes[panel.rows].one} ${r + 1}` },
      onclick: (event) => {
        const at = { [panel.rows]: r }
        if (event.detail) { // a real click says which pixel, too
          const box = canvas.getBoundingClientRect()
          const [y, x] = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width]
            .map((part) => clamp(Math.floor(part * side), 0, side - 1))
          at[panel.columns] = 3 * (y * side + x)
        }
        jump(ex, at)
      },
    }, canvas, el("small", { textContent: r + 1 }))
    thumb.row = r
    return thumb
  })
  const note = fill(ex.data.text.pictureNote, { limit: short(panel.pictures.limit) })
  return el("div", { className: "gallery" }, el("div", { className: "thumbs" }, ...built.thumbs), el("p", { textContent: note }))
}

// ---- telling the server ------------------------------------------------------------------------------

function ask(ex) {
  const windows = Object.fromEntries(ex.data.formulas.map((f) => [
    f.output, Object.fromEntries(Object.entries(aim(f)).filter(([axis]) => moves(f, axis)).map(([axis, [from]]) => [axis, from])),
  ]))
  ex.sent += 1
  ex.send({ n: ex.sent, pinned: ex.pinned ?? null, windows, images: images.has(ex.data.images.id) ? ex.data.images.id : null })
  ex.stage.classList.add("waiting")
}

function pin(ex, { r, c } = {}) {
  const name = formula(ex).output
  const same = r === undefined || (ex.pinned?.[0] === name && ex.pinned[1] === r && ex.pinned[2] === c)
  ex.pinned = same ? null : [name, r, c]
  ex.held = null
  if (same && r === undefined) ex.hover = null
  ask(ex)
  ex.stage.classList.remove("waiting") // nothing but the pin changes, and that is here already
  show(ex)
}

// ---- pointer and keys --------------------------------------------------------------------------------

function listen(ex) {
  const { box, stage, said } = ex
  const cellOf = (event) => event.target.closest?.("td.cell")
  stage.onpointerover = (event) => {
    const pointer = window.nncorePointer ?? {}, before = pointer.at // see arrival.js
    pointer.at = `${event.clientX},${event.clientY}`
    if (pointer.at === before) return // the matrices have come to it
    const cell = cellOf(event)
    const thumb = event.target.closest?.(".thumb")
    if (thumb) return overThumb(ex, thumb)
    // A finger does not hover: the explanation would come up over the entry before it is tapped.
    if (cell && event.pointerType !== "touch" && !stage.classList.contains("moving")) look(ex, cell.entry)
  }
  stage.onclick = (event) => {
    const cell = cellOf(event)
    if (cell) take(ex, cell.entry)
  }
  stage.addEventListener("focusin", (event) => { // there is no property for these two
    const cell = cellOf(event)
    if (cell && cell.matches(":focus-visible")) look(ex, cell.entry, true)
  })
  stage.onkeydown = (event) => onKey(ex, event, cellOf(event))
  said.onpointerover = (event) => light(ex, current(ex), event.target.closest?.(".term:not(.chain .term)")?.at ?? null)
  said.onpointerleave = () => light(ex, current(ex))
  // What was asked last stays while the pointer or the focus is on its way to the explanation, and after
  // that, too, unless an entry is kept.
  box.onpointerleave = (event) => {
    if (event.pointerType === "mouse" && !box.matches(":focus-within")) look(ex, null)
  }
  box.onkeydown = (event) => {
    if (event.key !== "Escape" || (!ex.pinned && !ex.held)) return
    event.stopPropagation()
    ex.hover = ex.held = null
    ex.pinned ? pin(ex) : show(ex)
  }
}

function look(ex, entry, aloud = false) {
  const f = formula(ex)
  if (entry) ex.recent = entry
  if (entry && entry.panel === outputOf(f)) ex.last[f.output] = entry
  ex.hover = entry
  show(ex, aloud)
}

function take(ex, entry) {
  if (entry.panel === outputOf(formula(ex))) pin(ex, entry)
  else {
    const same = ex.held && ex.held.panel === entry.panel && ex.held.r === entry.r && ex.held.c === entry.c
    ex.held = same ? null : entry
    show(ex)
  }
  reveal(ex)
}

// Who asks by a click or a key sees the answer, and the entry, too: as much of the explanation comes into
// the window as leaves the entry there; on a phone the entry comes out from under it.
function reveal(ex) {
  const cell = ex.stage.querySelector(".cell.active")?.getBoundingClientRect()
  if (!cell) return
  const panel = ex.explanation.getBoundingClientRect()
  const top = ex.box.classList.contains("narrow")
    ? Math.max(0, cell.bottom + GAP - panel.top)
    : clamp(panel.bottom - window.innerHeight, 0, Math.max(0, cell.top - HEADER))
  if (top) ex.host.closest('[data-testid="stMain"]').scrollBy({ top, behavior: pace() })
}

function overThumb(ex, thumb) {
  const f = formula(ex)
  for (const built of ex.panels) built.thumbs?.forEach((t) => t.classList.toggle("lit", t === thumb))
  const out = outputOf(f)
  const seen = current(ex)
  if (out.rows === "i" && inWindow(f, "i", thumb.row)) look(ex, { panel: out, r: thumb.row, c: seen.panel === out ? seen.c : start(f, out.columns) })
}

function onKey(ex, event, cell) {
  if (!cell || event.altKey || event.metaKey) return
  const { panel, r, c } = cell.entry
  const f = formula(ex)
  const [rows, columns] = panel.size
  const page = [f.windows[panel.rows]?.[1] ?? 1, f.windows[panel.columns]?.[1] ?? 1]
  const [top, left] = [start(f, panel.rows), start(f, panel.columns)]
  const goals = {
    ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
    Home: event.ctrlKey ? [0, 0] : [r, 0], End: event.ctrlKey ? [rows - 1, columns - 1] : [r, columns - 1],
    PageUp: event.shiftKey ? [r, c - page[1]] : [r - page[0], c],
    PageDown: event.shiftKey ? [r, c + page[1]] : [r + page[0], c],
  }
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault()
    return take(ex, cell.entry)
  }
  const goal = goals[event.key]
  if (!goal) return
  event.preventDefault()
  const [r1, c1] = [clamp(goal[0], 0, rows - 1), clamp(goal[1], 0, columns - 1)]
  const next = cell.built.cells[r1 - top]?.[c1 - left]
  if (next) return enter(ex, next)
  const entry = { panel, r: r1, c: c1 }
  ex.goal = { name: panel.name, part: panel.part, r: r1, c: c1 }
  if (panel === outputOf(f)) ex.last[f.output] = entry
  jump(ex, { [panel.rows]: r1, [panel.columns]: c1 }, entry)
}

function enter(ex, cell) {
  cell.focus()
  look(ex, cell.entry, true)
  reveal(ex)
}

// Where the focus was before the tables were built anew.
function remembered(ex) {
  const element = ex.root.activeElement
  if (!element) return null
  if (element.entry) {
    const { panel, r, c } = element.entry
    return { name: panel.name, part: panel.part, r, c, ...ex.goal, keys: element.matches(":focus-visible") }
  }
  const axis = Object.entries(ex.jumps ?? {}).find(([, input]) => input === element)?.[0]
  if (axis) return { axis }
  return element.getAttribute("role") === "radio" ? { choice: true } : null
}

function restore(ex, focus) {
  ex.goal = null
  if (!focus) return
  if (focus.axis) return ex.jumps[focus.axis]?.focus()
  if (focus.choice) return ex.choices?.[ex.formula]?.focus()
  const f = formula(ex)
  const built = ex.panels.find((p) => p.panel.name === focus.name && p.panel.part === focus.part)
  const cell = built?.cells[focus.r - start(f, built.panel.rows)]?.[focus.c - start(f, built.panel.columns)]
  cell?.focus({ preventScroll: true })
  if (cell && focus.keys) look(ex, cell.entry, true)
}

// ---- lighting ----------------------------------------------------------------------------------------

function show(ex, aloud = false) {
  const entry = current(ex)
  light(ex, entry)
  explain(ex, entry)
  settle(ex)
  if (aloud) say(ex, entry)
}

function light(ex, entry, term = null) {
  const f = formula(ex)
  const out = outputOf(f)
  const at = coordinates(entry)
  const forward = entry.panel === out
  const added = entry.panel.part === "addend"
  const pinned = ex.pinned?.[0] === f.output ? ex.pinned : null
  ex.stage.classList.toggle("dimmed", Boolean(ex.hover || ex.held || pinned || term))
  for (const { panel, cells, rowHeads, columnHeads, thumbs } of ex.panels) {
    const [r0, c0] = [start(f, panel.rows), start(f, panel.columns)]
    const own = panel === entry.panel
    const partner = !forward && panel !== out && (added || panel.part === "addend")
    cells.forEach((row, r) => row.forEach((cell, c) => {
      const here = own ? r0 + r === entry.r && c0 + c === entry.c : !partner && agrees(panel, r0 + r, c0 + c, at)
      let name = "cell"
      if (own && here) name += " active"
      else if (here) name += forward || panel === out ? " lit" : " partner"
      if (term && here && panel !== out && panel.part !== "addend") name += agrees(panel, r0 + r, c0 + c, term) ? " chosen" : " faint"
      if (pinned && panel === out && r0 + r === pinned[1] && c0 + c === pinned[2]) name += " pinned"
      if (cell.className !== name) cell.className = name
      const reachable = own ? here : r === 0 && c === 0
      if (cell.tabIndex !== (reachable ? 0 : -1)) cell.tabIndex = reachable ? 0 : -1
    }))
    const marked = { ...at, ...term }
    rowHeads.forEach((head, r) => head.classList.toggle("lit", marked[panel.rows] === r0 + r))
    columnHeads.forEach((head, c) => head.classList.toggle("lit", marked[panel.columns] === c0 + c))
    thumbs?.forEach((thumb) => thumb.classList.toggle("lit", at[panel.rows] === thumb.row))
  }
}

// ---- the terms ---------------------------------------------------------------------------------------

// One number out of a matrix, in its colour, with its name and place above it. It leads to its entry;
// one that a formula of this case has made, on to how it was made.
function chip(ex, panel, r, c, value, extra = "") {
  const { text } = ex.data
  const entry = { panel, r, c }
  const index = ex.data.formulas.findIndex((f) => f.panels.includes(panel))
  const leads = extra !== "result" && visible(ex.data.formulas[index], entry)
  const made = leads && (isMade(panel) || panel.madeIn)
  const face = el(leads ? "button" : "b", {
    className: `chip ${extra} ${made ? "leads" : ""}`, title: full(value), textContent: ex.exact ? full(value) : inTerm(panel, value),
  })
  if (leads) {
    const path = ex.path
    Object.assign(face, { type: "button", onclick: () => follow(ex, index, entry, path) })
    face.setAttribute("aria-label", `${inNumPy(entry)}, ${short(value)}: ${made ? howMade(ex, entry) : fill(text.showIt, { name: inNumPy(entry) })}`)
  }
  paint(ex, face, panel, value)
  return el("span", { className: "source" },
    el("small", { className: panel.tone, title: turned(ex, entry) }, inNumPy(entry) + (panel.new ? ` ${text.new}` : "")), face)
}

// ---- the way back: from an entry to what made it, from formula to formula ------------------------------

const isMade = (panel) => panel.madeBy !== null && panel.madeBy !== undefined
const howMade = ({ data: { text } }, entry) =>
  fill(entry.panel.madeIn ? text.madeIn : text.madeBy, { name: inNumPy(entry), step: entry.panel.madeIn })

// A place on the way is {index, r, c}: an entry of the output of a formula.
const outputAt = (ex, { index, r, c }) => ({ panel: outputOf(ex.data.formulas[index]), r, c })
const samePlace = (a, b) => a.index === b.index && a.r === b.r && a.c === b.c

// The place where an entry was made, if a formula here made it.
function makerOf(ex, index, { panel, r, c }) {
  if (panel.part === "output") return { index, r, c }
  if (!isMade(panel)) return null
  const [row, column] = ownPlace({ panel, r, c })
  return { index: panel.madeBy, r: row, c: column }
}

// All places from an entry back to the inputs; of a sum, by the largest term.
function wayBack(ex, entry) {
  const way = []
  let at = makerOf(ex, ex.formula, entry)
  while (at && visible(ex.data.formulas[at.index], outputAt(ex, at)) && !way.some((seen) => samePlace(seen, at))) {
    way.push(at)
    const f = ex.data.formulas[at.index]
    const terms = termsOf(f, outputAt(ex, at)).terms.sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    const [panel, r, c] = terms.flatMap(({ parts }) => parts).find(([part]) => isMade(part)) ?? []
    at = panel ? makerOf(ex, at.index, { panel, r, c }) : null
  }
  return way
}

// Go to an entry of a formula: to how it was made, else to where it goes. Path is how one came.
function follow(ex, index, entry, path) {
  if (entry.panel.madeIn) {
    const from = origin(ex)
    return ex.leave({
      to: [entry.panel.name, ...ownPlace(entry)],
      from: from && [ex.data.formulas[from.index].output, from.r, from.c],
    })
  }
  const goal = makerOf(ex, index, entry)
  if (goal) return walk(ex, path ?? [origin(ex)].filter(Boolean), goal)
  if (index !== ex.formula) choose(ex, index)
  Object.assign(ex, { hover: null, held: entry })
  show(ex)
  ex.heading.querySelector("button")?.focus({ preventScroll: true })
}

// The place that is talked about: an entry of the output, or the one in question that an input goes into.
function origin(ex) {
  const f = formula(ex)
  const out = outputOf(f)
  const entry = current(ex)
  const pinned = ex.pinned?.[0] === f.output ? { panel: out, r: ex.pinned[1], c: ex.pinned[2] } : null
  const at = coordinates(entry)
  const found = entry.panel === out ? entry : [pinned, ex.last[f.output]].find((e) => e && agrees(out, e.r, e.c, at))
  return found ? { index: ex.formula, r: found.r, c: found.c } : null
}

function walk(ex, path, goal) {
  const known = ex.trail.findIndex((at) => path[0] && at.index === path[0].index)
  ex.trail = [...ex.trail.slice(0, Math.max(known, 0)), ...path.filter((at) => !samePlace(at, goal)), goal]
  go(ex, goal)
}

// Show an entry of the output of a formula, and keep it in view until another is asked for.
function go(ex, at) {
  const entry = outputAt(ex, at)
  choose(ex, at.index, entry)
  if (visible(formula(ex), entry)) ex.held = entry
  else jump(ex, coordinates(entry))
  show(ex)
  ex.box.scrollIntoView({ block: "nearest" })
  const here = ex.heading.querySelector("[aria-current]") ?? ex.heading.querySelector("button")
  here?.focus({ preventScroll: true })
}

// "dW1[0, 3] ← dZ1[0, 1]": the way come; each part leads there again.
function trailLine(ex, entry) {
  if (ex.trail.length < 2) return []
  const here = entry.panel === outputOf(formula(ex)) ? { index: ex.formula, r: entry.r, c: entry.c } : null
  const parts = ex.trail.flatMap((at, k) => {
    const button = el("button", { type: "button", textContent: inNumPy(outputAt(ex, at)), onclick: () => go(ex, at) })
    if (here && samePlace(here, at)) button.setAttribute("aria-current", "step")
    return k ? [el("span", { textContent: "←", attributes: { "aria-hidden": "true" } }), button] : [button]
  })
  return [el("nav", { className: "trail", attributes: { "aria-label": ex.data.text.trail } }, ...parts)]
}

const nameFor = ({ panel, r, c }) => `${panel.name} ${panel.part} ${r} ${c}`
const isOpen = (ex, entry) => ex.opened === nameFor(entry)

function openChain(ex, entry) {
  ex.opened = isOpen(ex, entry) ? null : nameFor(entry)
  Object.assign(ex, { hover: null, held: entry, measured: null })
  show(ex)
  fit(ex)
  ex.heading.querySelector(".whole").focus({ preventScroll: true })
}

// The terms of every entry on the way, one formula below the other.
function chain(ex, way) {
  const { text } = ex.data
  const kept = [ex.exact, ex.path]
  ex.exact = false
  const lines = way.map((at, k) => {
    const f = ex.data.formulas[at.index]
    const entry = outputAt(ex, at)
    ex.path = way.slice(0, k + 1)
    const many = k + 1 < way.length && termsOf(f, entry).terms.length > 1
    return el("li", {}, el("p", {}, el("b", { textContent: inNumPy(entry) }), el("span", { className: "equation", textContent: f.equation }),
      many ? el("span", { className: "hint", textContent: text.largest }) : null), ...explainOutput(ex, f, entry))
  })
  ;[ex.exact, ex.path] = kept
  const last = way.at(-1), f = ex.data.formulas[last.index], entry = outputAt(ex, last)
  const given = f.panels.filter((panel) => panel !== entry.panel && panel.shape.length).map(({ name }) => name)
  const end = el("li", {}, el("p", { className: "hint", textContent: fill(text.given, { names: [...new Set(given)].join(", ") }) }))
  return [el("ol", { className: "chain" }, ...lines, end)]
}

const op = (text, extra = "") => el("span", { className: `op ${extra}`, textContent: text })
// A number that stands in no matrix.
function plain(ex, value, name = "\u00a0") {
  const text = ex.exact || full(value).length < 8 ? full(value) : short(value)
  return el("span", { className: "source" }, el("small", { textContent: name || "\u00a0" }),
    el("b", { className: "chip bare", title: full(value), textContent: text }))
}

// The numbers that make an entry of the output: {parts: [[panel, r, c, value], ...], value, at}.
function termsOf(f, entry) {
  const { r, c } = entry
  const out = outputOf(f)
  const factors = f.panels.filter((panel) => panel !== out && panel.part !== "addend")
  const at = coordinates(entry)
  const summed = ({ product: ["k"], cost: ["k", "l"] }[f.kind] ?? []).filter((axis) => f.axes[axis])
  const spot = (panel, where) => [panel.rows, panel.columns].map((axis) => (axis === "0" ? 0 : where[axis]))
  const term = (where, values) => {
    const parts = factors.map((panel, index) => {
      const [pr, pc] = spot(panel, where)
      return [panel, pr, pc, values ? Number(values[index]) : valueAt(f, { panel, r: pr, c: pc })]
    })
    return { parts, at: Object.fromEntries(summed.map((axis) => [axis, where[axis]])), value: termValue(f, parts) }
  }
  if (f.sums) {
    const sum = f.sums[r - start(f, out.rows)][c - start(f, out.columns)]
    const terms = sum.at.map(([l, k], index) => term({ ...at, l, k }, sum.parts[index]))
    return { terms, others: sum.others, rest: Number(sum.rest) }
  }
  let places = [at]
  for (const axis of summed) {
    const all = Array.from({ length: f.axes[axis].n }, (_, n) => n)
    places = all.flatMap((n) => places.map((where) => ({ ...where, [axis]: n })))
  }
  return { terms: places.map((where) => term(where)), others: 0, rest: 0 }
}

function termValue(f, parts) {
  if (f.kind !== "cost") return parts.reduce((product, [, , , value]) => product * value, 1)
  const { AL, Y } = byPart(parts)
  const a = AL === 0 ? TINY : AL === 1 ? ALMOST : AL
  return Y * Math.log(a) + (1 - Y) * Math.log(1 - a)
}

const byPart = (parts) => Object.fromEntries(parts.map(([panel, , , value]) => [panel.part, value]))
const sigmoid = (z) => clamp(1 / (1 + Math.exp(Math.min(-z, 709))), TINY, ALMOST)

function explain(ex, entry) {
  const f = formula(ex)
  const out = outputOf(f)
  const pinned = ex.pinned?.[0] === f.output && entry.panel === out && ex.pinned[1] === entry.r && ex.pinned[2] === entry.c
  ex.exact = pinned
  const { text } = ex.data
  const title = el("b", { className: "where" }, inNumPy(entry), entry.panel.new ? ` ${text.new}` : "")
  const value = valueAt(f, entry)
  if (pinned) title.append(el("span", { className: "exact", textContent: ` = ${full(value)}` }))
  if (entry.panel === out) title.append(el("span", { className: "brief", textContent: ` = ${short(value)}` }))
  const state = pinned
    ? el("button", { type: "button", className: "release", textContent: `${text.release} ✕`, onclick: () => pin(ex) })
    : el("span", { className: "hint", textContent: entry.panel === out ? text.pin : ex.held ? "" : text.keep })
  const words = [inWords(ex, f, entry), turned(ex, entry), entry.panel.shape.length && text.fromOne].filter(Boolean).join(" · ")
  const way = wayBack(ex, entry)
  const whole = way.length > 1 ? [el("button", {
    type: "button", className: "made whole", textContent: text.chain, onclick: () => openChain(ex, entry),
    attributes: { "aria-expanded": String(isOpen(ex, entry)) },
  })] : []
  ex.heading.replaceChildren(...trailLine(ex, entry), title, el("span", { className: "words", textContent: words }),
    ...(pinned ? [el("span", { className: "tag", textContent: text.pinned })] : []), state, ...whole)
  const open = whole.length && isOpen(ex, entry)
  ex.said.classList.toggle("full", pinned && !open)
  ex.content = el("div", { className: "content" }, ...(open ? chain(ex, way) : contentOf(ex, f, entry)))
  ex.said.replaceChildren(ex.content)
}

const contentOf = (ex, f, entry) => entry.panel === outputOf(f) ? explainOutput(ex, f, entry) : explainInput(ex, f, entry)

function explainOutput(ex, f, entry) {
  const value = valueAt(f, entry)
  const { panel, r, c } = entry
  const result = chip(ex, panel, r, c, value, "result")
  const say = EXPLAINED[f.kind]
  const { nodes, total } = say ? say(ex, f, entry, value) : sumOf(ex, f, entry)
  const off = value - total
  const nodesAfter = off && Number.isFinite(off)
    ? [el("span", { className: "rounding", title: ex.data.text.roundingNote }, `${off > 0 ? "+" : "−"} ${ex.data.text.rounding} ${tiny(off)}`)] : []
  return [el("div", { className: "terms" }, ...nodes, ...nodesAfter, el("span", { className: "term" }, op("=", "equals"), result))]
}

const tiny = (value) => {
  const [digits, exponent] = Math.abs(value).toExponential(1).split("e")
  return digits.replace(".0", "") + power(+exponent)
}

// scale · ( a × b + a × b + … ) + addend
function sumOf(ex, f, entry) {
  const { terms, others, rest } = termsOf(f, entry)
  const addend = f.panels.find((panel) => panel.part === "addend")
  const nodes = []
  const scaled = f.scale !== null && f.scale !== undefined
  if (scaled) nodes.push(plain(ex, f.scale, f.m ? `${f.scale < 0 ? "−" : ""}1/m` : ""), op("· ("))
  let sum = 0
  terms.forEach((term, index) => {
    sum += term.value
    nodes.push(termNode(ex, f, term, index))
  })
  if (others) {
    sum += rest
    const words = fill(ex.data.text.others, { n: count(others) })
    nodes.push(el("span", { className: "term rest" }, op("+"), el("span", { className: "source" },
      el("small", { className: "words", textContent: words }), el("b", { className: "chip bare", title: full(rest), textContent: ex.exact ? full(rest) : short(rest) }))))
  }
  if (scaled) nodes.push(op(")"))
  let total = scaled ? f.scale * sum : sum
  if (addend) {
    const at = coordinates(entry)
    const [r, c] = [addend.rows, addend.columns].map((axis) => (axis === "0" ? 0 : at[axis]))
    const value = valueAt(f, { panel: addend, r, c })
    total += value
    nodes.push(el("span", { className: "term" }, op("+"), chip(ex, addend, r, c, value)))
  }
  return { nodes, total }
}

function termNode(ex, f, term, index) {
  const node = el("span", { className: "term" }, index ? op("+") : null)
  node.at = term.at
  node.append(f.kind === "cost" ? costTerm(ex, term) : productTerm(ex, term))
  if (f === formula(ex) && Object.keys(term.at).some((axis) => !inWindow(f, axis, term.at[axis]))) {
    node.classList.add("far")
    node.tabIndex = 0
    node.setAttribute("role", "button")
    node.title = ex.data.text.term
    node.onclick = () => jump(ex, term.at)
    node.onkeydown = (event) => event.key === "Enter" && jump(ex, term.at)
  }
  return node
}

// The numbers beside each other, and below them what they come to.
function pair(nodes, below, value) {
  return el("span", { className: "pair" }, el("span", { className: "row" }, ...nodes),
    below ? el("small", { className: "product", textContent: below, title: full(value) }) : null)
}

function productTerm(ex, { parts, value }) {
  const nodes = parts.flatMap((part, k) => [...(k ? [op("×")] : []), chip(ex, ...part)])
  return pair(nodes, parts.length > 1 ? short(value) : "", value)
}

function costTerm(ex, { parts, value }) {
  const named = Object.fromEntries(parts.map((part) => [part[0].part, part]))
  const [a, y] = [named.AL, named.Y]
  const below = `${y[0].label} = ${short(y[3])}: ${short(value)}`
  if (y[3] === 1) return pair([op("log"), chip(ex, ...a)], below, value)
  if (y[3] === 0) return pair([op("log(1 −"), chip(ex, ...a), op(")")], below, value)
  const all = [chip(ex, ...y), op("log"), chip(ex, ...a), op("+ (1 −"), chip(ex, ...y), op(") log(1 −"), chip(ex, ...a), op(")")]
  return pair(all, short(value), value)
}

// Functions entry by entry: what is written, and what it comes to.
const EXPLAINED = {
  relu(ex, f, entry) {
    const [[panel, r, c, z]] = termsOf(f, entry).terms[0].parts
    const verdict = fill(ex.data.text[z > 0 ? "kept" : "cut"], { z: panel.label })
    return { nodes: [verdictNode(verdict, z > 0), op("max(0,"), chip(ex, panel, r, c, z), op(")")], total: Math.max(0, z) }
  },
  sigmoid(ex, f, entry) {
    const [[panel, r, c, z]] = termsOf(f, entry).terms[0].parts
    const e = Math.exp(Math.min(-z, 709))
    const power = z < 0 ? ["e^(−(", ")))"] : ["e^(−", "))"] // two minus signs side by side read like one
    return {
      nodes: [op(`1 / (1 + ${power[0]}`), chip(ex, panel, r, c, z), op(power[1]), op("="), op("1 / (1 +"), plain(ex, e), op(")")],
      total: sigmoid(z),
    }
  },
  relu_backward(ex, f, entry) {
    const { parts } = termsOf(f, entry).terms[0]
    const [dA, gate] = [parts.find(([p]) => p.part === "dA"), parts.find(([p]) => p.part !== "dA")]
    const open = gate[3] > 0
    const verdict = fill(ex.data.text[open ? "passes" : "stops"], { z: gate[0].label })
    const nodes = [verdictNode(verdict, open), chip(ex, ...gate), op(open ? "> 0 :" : gate[3] === 0 ? "= 0 :" : "< 0 :"), chip(ex, ...dA), op("×"), plain(ex, open ? 1 : 0)]
    return { nodes, total: open ? dA[3] : 0 }
  },
  sigmoid_backward(ex, f, entry) {
    const { parts } = termsOf(f, entry).terms[0]
    const [dA, gate] = [parts.find(([p]) => p.part === "dA"), parts.find(([p]) => p.part !== "dA")]
    const s = gate[0].part === "A" ? gate[3] : sigmoid(gate[3])
    const first = gate[0].part === "A" ? [] : [el("span", { className: "term" }, op("s = σ("), chip(ex, ...gate), op(") ="), plain(ex, s, "s")), el("span", { className: "break" })]
    return { nodes: [...first, chip(ex, ...dA), op("×"), plain(ex, s, "s"), op("× (1 −"), plain(ex, s, "s"), op(")")], total: dA[3] * s * (1 - s) }
  },
  update(ex, f, entry) {
    const { parts } = termsOf(f, entry).terms[0]
    const [parameter, change] = [parts.find(([p]) => p.part === "parameter"), parts.find(([p]) => p.part === "change")]
    const nodes = [chip(ex, ...parameter), op("−"), plain(ex, f.scale, `α`), op("×"), chip(ex, ...change)]
    return { nodes, total: parameter[3] - f.scale * change[3] }
  },
  dAL(ex, f, entry) {
    const { parts } = termsOf(f, entry).terms[0]
    const [a, y] = [parts.find(([p]) => p.part === "AL"), parts.find(([p]) => p.part === "Y")]
    const nodes = [op("−("), chip(ex, ...y), op("/"), chip(ex, ...a), op("−"), op("(1 −"), chip(ex, ...y), op(") / (1 −"), chip(ex, ...a), op(")"), op(")")]
    return { nodes, total: -(y[3] / a[3] - (1 - y[3]) / (1 - a[3])) }
  },
}

const verdictNode = (text, open) => el("p", { className: `verdict ${open ? "open" : "shut"}`, textContent: text })

// Where an entry of an input goes: said in words, and what it contributes where that is in sight.
function feeds(ex, f, entry) {
  const { text } = ex.data
  const out = outputOf(f)
  const at = coordinates(entry)
  const fixed = [[out.rows, text.row, out.size[0]], [out.columns, text.column, out.size[1]]]
  const n = fixed.reduce((all, [axis, , size]) => all * (axis === "0" || at[axis] !== undefined ? 1 : size), 1)
  const where = fixed.filter(([axis]) => axis !== "0" && at[axis] !== undefined).map(([axis, word]) => `${word} ${count(at[axis] + 1)}`).join(", ")
  const added = entry.panel.part === "addend"
  const template = !where ? (out.shape.length ? text.feedsAll : text.feedsIt) : n === 1 ? text.feedsOne : added ? text.feedsAdded : text.feeds
  return fill(template, { n: count(n), output: out.label + (out.new ? ` ${text.new}` : ""), where })
}

const MOST_FED = 6 // at first

function explainInput(ex, f, entry) {
  const { text } = ex.data
  const out = outputOf(f)
  const nodes = [el("p", { className: "sentence", textContent: feeds(ex, f, entry) })]
  if (isMade(entry.panel) || entry.panel.madeIn) {
    nodes.push(el("button", {
      type: "button", className: "made", textContent: `${howMade(ex, entry)} →`,
      onclick: () => follow(ex, ex.formula, entry),
    }))
  }
  const fed = fedBy(ex, f, entry)
  if (f.kind === "product" && entry.panel.part === "factor") {
    const most = ex.all === `${entry.panel.name} ${entry.r} ${entry.c}` ? fed.length : MOST_FED
    const rows = fed.slice(0, most).map(({ r, c }) => {
      const goal = coordinates({ panel: out, r, c })
      const where = { ...goal, ...coordinates(entry) }
      const parts = f.panels.filter((p) => p.part === "factor").map((panel) => {
        const [pr, pc] = [panel.rows, panel.columns].map((axis) => (axis === "0" ? 0 : where[axis]))
        return [panel, pr, pc, valueAt(f, { panel, r: pr, c: pc })]
      })
      if (parts.some(([, , , value]) => value === undefined)) return null
      const node = el("span", { className: "term" }, productTerm(ex, { parts, value: termValue(f, parts) }))
      node.append(op("→"), chip(ex, out, r, c, valueAt(f, { panel: out, r, c })))
      return node
    })
    nodes.push(el("div", { className: "terms feeding" }, ...rows))
    if (fed.length > most) nodes.push(el("button", {
      type: "button", className: "made", textContent: fill(text.more, { n: count(fed.length - most) }),
      onclick: () => {
        Object.assign(ex, { held: entry, all: `${entry.panel.name} ${entry.r} ${entry.c}` })
        show(ex)
      },
    }))
  } else if (fed.length <= 2 || f.kind !== "product") {
    const first = fed[0]
    if (first) nodes.push(...explainOutput(ex, f, { panel: out, ...first }))
  }
  return nodes
}

function fedBy(ex, f, entry) {
  const out = outputOf(f)
  const at = coordinates(entry)
  const [r0, c0] = [start(f, out.rows), start(f, out.columns)]
  const fed = out.values.flatMap((row, r) => row.map((_, c) => ({ r: r0 + r, c: c0 + c }))).filter(({ r, c }) => agrees(out, r, c, at))
  const isPinned = ({ r, c }) => ex.pinned?.[0] === f.output && ex.pinned[1] === r && ex.pinned[2] === c
  return [...fed.filter(isPinned), ...fed.filter((goal) => !isPinned(goal))]
}

// ---- for those who listen ------------------------------------------------------------------------------

function say(ex, entry) {
  const f = formula(ex)
  const { text } = ex.data
  clearTimeout(ex.talking)
  ex.talking = setTimeout(() => {
    const value = valueAt(f, entry)
    let words = `${meaning(ex, f, entry)}: ${short(value)}`
    if (entry.panel !== outputOf(f)) words = `${words}. ${feeds(ex, f, entry)}`
    else if (f.kind === "product") {
      const { terms, others, rest } = termsOf(f, entry)
      const said = terms.slice(0, 6).map((term) => term.parts.map(([, , , v]) => short(v)).join(` ${text.times} `))
      if (terms.length > 6) said.push(fill(text.more, { n: count(terms.length - 6) }))
      if (others) said.push(`${fill(text.others, { n: count(others) })} ${short(rest)}`)
      const scale = f.scale === null || f.scale === undefined ? "" : `${short(f.scale)} ${text.times} `
      const addend = f.panels.find((p) => p.part === "addend")
      const added = addend ? ` ${text.plus} ${short(valueAt(f, { panel: addend, r: addend.rows === "0" ? 0 : entry.r, c: 0 }))}` : ""
      words += `, ${text.equals} ${scale}${said.join(` ${text.plus} `)}${added}`
    } else words += `. ${f.equation}`
    ex.live.textContent = words
  }, 150)
}

// ---- room: Streamlit keeps the height that Python asked for; where lines break, it must grow ------------

function watch(ex, box) {
  ex.resize?.disconnect()
  // Not within the observer's own turn: what it changes there, browsers report as an error.
  ex.resize = new ResizeObserver(() => requestAnimationFrame(() => box.isConnected && ex.fitted !== sizeOf(box) && fit(ex)))
  ex.resize.observe(box)
  box.addEventListener("focusout", () => setTimeout(() => {
    if (box.isConnected && !box.matches(":focus-within, :hover")) look(ex, null)
  }))
}

const breaks = ({ panels }) => panels.at(-1).element.offsetTop > panels[0].element.offsetTop + 4

const hides = ({ stage }) => [...stage.querySelectorAll(".scroll")].some((box) => box.scrollWidth > box.clientWidth)

// The two axes that must agree, k, are joined by a line over their counts where these stand side by side.
function link(ex) {
  ex.stage.querySelector(".link")?.remove()
  const marks = [...ex.stage.querySelectorAll(".shape .mark.k")]
  if (marks.length !== 2) return
  const [a, b] = marks.map((mark) => mark.getBoundingClientRect())
  if (Math.abs(a.top - b.top) > 2) return
  const stage = ex.stage.getBoundingClientRect()
  const zoom = stage.width / ex.stage.offsetWidth // in presenter mode
  const line = el("div", { className: "link" })
  line.style.left = `${(a.left + a.width / 2 - stage.left) / zoom}px`
  line.style.width = `${(b.left + b.right - a.left - a.right) / 2 / zoom}px`
  line.style.top = `${(a.top - stage.top) / zoom - 7}px`
  ex.stage.append(line)
}

function fit(ex) {
  if (!ex.box) return
  const narrow = ex.box.clientWidth < 560
  ex.box.classList.toggle("narrow", narrow)
  ex.stage.classList.remove("tight")
  if (narrow ? hides(ex) : breaks(ex)) {
    ex.stage.classList.add("tight")
    if (!narrow && breaks(ex)) ex.stage.classList.remove("tight")
  }
  link(ex)
  if (ex.measured !== ex.box.clientWidth) measure(ex)
  settle(ex)
  ex.fitted = sizeOf(ex.box)
}

// The explanation keeps the room that any entry of this formula needs, so that nothing below it moves.
function measure(ex) {
  const f = formula(ex), { exact } = ex
  const ruler = (panel, whole) => {
    ex.exact = whole
    const content = contentOf(ex, f, { panel, r: start(f, panel.rows), c: start(f, panel.columns) })
    return el("div", { className: `said ruler ${whole ? "full" : ""}` }, ...content)
  }
  const rulers = [...f.panels.map((panel) => ruler(panel, false)), ruler(outputOf(f), true)]
  ex.exact = exact
  ex.box.append(...rulers)
  ex.room = Math.max(...rulers.map((each) => each.offsetHeight)) // the page is laid out for all of them at once
  for (const each of rulers) each.remove()
  ex.measured = ex.box.clientWidth
}

const MOST_COVERED = 0.45 // of a phone's window, while the matrices are looked at
const GAP = 12, HEADER = 110 // pixels: below an entry; above one, for Streamlit's bar and the heads of columns

// The room grows where an entry needs more. While the explanation stays in sight at the foot of a phone
// it covers only so much of it; what does not fit there is reached by scrolling on.
function settle(ex) {
  if (!ex.box || !ex.measured) return
  const narrow = ex.box.classList.contains("narrow")
  ex.room = Math.max(ex.room, ex.content.offsetHeight + 8)
  ex.said.style.minHeight = narrow ? "" : `${ex.room}px` // a finger does not hover: there, no room is kept
  const whole = ex.explanation.offsetHeight
  const shown = Math.min(whole, MOST_COVERED * window.innerHeight)
  ex.explanation.style.bottom = `${Math.floor(shown - whole)}px`
  const tall = Math.max(ex.data.height, Math.ceil(ex.box.scrollHeight))
  for (let node = ex.host, steps = 0; node && steps < 4; node = node.parentElement, steps++) {
    if (!node.style) break
    if (node.dataset?.testid === "stVerticalBlock") break
    node.style.minHeight = `${tall}px`
    node.style.overflow = "visible" // else the terms could not stay in sight at the foot of a window
  }
}
