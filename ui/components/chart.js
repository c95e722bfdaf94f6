// Draws a chart of chart.py in SVG, as wide as there is room, and says of each point what it is: where
// the pointer is, or where the arrow keys go. Nothing is sent to the server. dom.js and axes.js stand before.

const LINE = 18 // pixels: a line of text
const LETTER = 13 // as in chart.css
const NEAR = 40 // pixels from a point within which the pointer means it
const DASHES = {
  dash: [6, 4], dot: [1.5, 3], dashdot: [7, 3, 1.5, 3], longdash: [12, 4], longdashdot: [12, 4, 1.5, 4],
  fine: [2, 5], coarse: [12, 3],
}

function render({ data: [data], parentElement: root }) {
  const chart = (root.chart ??= { box: root.querySelector(".chart") })
  Object.assign(chart, { data, at: null, points: [], size: "" })
  chart.plot = chart.box.querySelector(".plot")
  chart.svg = chart.plot.querySelector("svg")
  chart.tip = chart.box.querySelector(".tip")
  chart.live = chart.box.querySelector(".live")
  chart.plot.setAttribute("aria-label", `${data.alt} ${data.keys}`)
  chart.plot.setAttribute("aria-roledescription", data.kind)
  chart.box.querySelector(".legend").replaceChildren(...marksOf(data).filter((mark) => mark.legend).map(legendItem))
  draw(chart)
  listen(chart)
  chart.observer?.disconnect()
  chart.observer = new ResizeObserver(() => chart.size !== sizeOf(chart.plot) && draw(chart))
  chart.observer.observe(chart.plot)
  return () => chart.observer.disconnect()
}

const marksOf = (data) => data.panels.flatMap(({ marks }) => marks)

// ---------------------------------------------------------------------- scales

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0)
const power = (axis) => (axis.log ? Math.log10 : (value) => value)

function scale(axis, from, to) {
  const f = power(axis), low = f(axis.low), high = f(axis.high)
  return (value) => from + ((f(value) - low) / (high - low)) * (to - from)
}

// Round places between the ends of an axis, at most so many, each with how it is written.
function ticks(axis, most) {
  if (axis.hidden) return []
  if (axis.names.length) return axis.names.map((text, value) => ({ value, text }))
  const [low, high] = [Math.min(axis.low, axis.high), Math.max(axis.low, axis.high)]
  if (axis.log && Math.log10(high / low) > 1) return powers(low, high, most)
  const step = roundStep((high - low) / most)
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9)
  const digits = Math.max(0, -Math.floor(Math.log10(axis.percent ? 100 * step : step) + 1e-9))
  return Array.from({ length: last - first + 1 }, (_, k) => {
    const value = (first + k) * step
    if (!value) return { value, text: axis.percent ? "0%" : "0" }
    return { value, text: written(axis.percent ? 100 * value : value, digits) + (axis.percent ? "%" : "") }
  })
}

function written(value, digits) {
  const text = Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return value < 0 && Number(text.replaceAll(",", "")) ? `−${text}` : text
}

// Over few powers of ten, 1, 2 and 5 times each; over many, every so many of them.
function powers(low, high, most) {
  const [first, last] = [Math.log10(low), Math.log10(high)]
  const exponents = (by) => {
    const from = Math.ceil(first / by - 1e-9), to = Math.floor(last / by + 1e-9)
    return Array.from({ length: to - from + 1 }, (_, k) => (from + k) * by)
  }
  if (last - first > 2.5) {
    const by = Math.ceil((last - first) / most)
    return exponents(by).map((n) => ({ value: 10 ** n, text: tenToThe(n) }))
  }
  return [...exponents(1), Math.floor(first)]
    .flatMap((n) => [1, 2, 5].map((m) => m * 10 ** n))
    .filter((value, k, all) => value >= low && value <= high && all.indexOf(value) === k)
    .map((value) => ({ value, text: value < 1e-4 ? value.toExponential(0).replace("-", "−") : String(Number(value.toPrecision(1))) }))
}

const tenToThe = (n) => (n === 0 ? "1" : `10${String(n).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]))}`)

// A value in a sentence; a number of steps is not padded with zeros, what was measured is.
function told(value, axis, padded) {
  if (axis.names.length) return axis.names[Math.round(value)]
  if (axis.percent) return `${written(100 * value, 1)}%`
  if (Number.isInteger(value)) return written(value, 0)
  if (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) return value.toExponential(2).replace("-", "−").replace("+", "")
  const text = written(value, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))))
  return padded ? text : text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")
}

// ---------------------------------------------------------------------- where everything stands

function layOut({ data, plot, svg }) {
  const { clientWidth: width, clientHeight: height } = plot
  const measure = document.createElement("canvas").getContext("2d")
  measure.font = `${LETTER}px ${getComputedStyle(svg).fontFamily}`
  const widest = (texts) => Math.ceil(Math.max(0, ...texts.map((text) => measure.measureText(text).width)))
  const { x } = data
  const below = LINE + 6 + (x.title ? LINE + 2 : 0)
  const above = ({ y }, k) => (y.title ? LINE + 6 : 10) + (k ? LINE / 2 : 0) // apart from the axis above
  const room = (height - below - sum(data.panels.map(above))) / data.panels.length
  const each = data.panels.map(({ y }) => ticks(y, Math.min(7, Math.max(2, Math.floor(room / 36)))))
  const left = widest(each.flat().map(({ text }) => text)) + (each.flat().length ? 8 : 18)
  const ends = widest(marksOf(data).map(({ end }) => end ?? ""))
  const right = width - (ends ? ends + 22 : 14)
  let top = 0
  const panels = data.panels.map((panel, k) => {
    top += above(panel, k)
    const from = top
    top += room
    return { ...panel, ticks: each[k], top: from, bottom: top, yAt: scale(panel.y, top, from) }
  })
  return {
    width, left, right, panels,
    xAt: scale(x, left, right),
    xTicks: ticks(x, Math.min(7, Math.max(2, Math.floor((right - left) / 60)))),
  }
}

// ---------------------------------------------------------------------- drawing

function draw(chart) {
  const { data, plot, svg: paper } = chart
  if (plot.clientWidth < 80 || plot.clientHeight < 60) return
  chart.size = sizeOf(chart.plot)
  paper.setAttribute("viewBox", `0 0 ${plot.clientWidth} ${plot.clientHeight}`) // on paper it is made to fit
  paper.setAttribute("preserveAspectRatio", "xMinYMin")
  const g = (chart.g = layOut(chart))
  chart.points = []
  paper.replaceChildren(...g.panels.flatMap((panel, k) => [
    axes(g, panel, data.x, k === g.panels.length - 1),
    ...[...panel.marks].sort((a, b) => (a.level ?? 0) - (b.level ?? 0))
      .map((mark) => DRAW[mark.kind](chart, panel, mark, k)),
    endLabels(g, panel),
  ]))
  chart.ring = svg("circle", { class: "ring", r: 8, visibility: "hidden" })
  paper.append(chart.ring)
  point(chart, null)
}

function axes(g, { top, bottom, y, ticks, yAt }, x, last) {
  const group = svg("g", {})
  const line = (x1, y1, x2, y2, more = "") =>
    group.append(svg("line", { class: `grid ${more}`, x1, y1, x2, y2 }))
  const words = (text, x, y, anchor) =>
    group.append(svg("text", { class: "quiet", x, y, "text-anchor": anchor }, text))
  for (const { value, text } of ticks) {
    line(g.left, yAt(value), g.right, yAt(value))
    words(text, g.left - 7, yAt(value) + 4.5, "end")
  }
  if (y.title) words(y.title, 0, top - 12, "start")
  const base = Math.floor(bottom) + 0.5 // the middle of a pixel, which no browser has to round
  line(g.left, base, g.right, base, "foot")
  for (const { value, text } of g.xTicks) {
    const at = g.xAt(value)
    if (y.hidden) line(at, top, at, bottom)
    if (!x.names.length) line(at, bottom, at, bottom + 4, "foot")
    if (last) words(text, at, bottom + LINE, "middle")
  }
  if (last && x.title) words(x.title, (g.left + g.right) / 2, bottom + 2 * LINE + 2, "middle")
  return group
}

const inked = (mark, more = "") => `${mark.ink} ${mark.faint ? "faint" : ""} ${more}`
const dashes = (mark) => (DASHES[mark.dash] ?? []).join(" ")

const DRAW = {
  points(chart, { y, yAt, top, bottom }, mark, k) {
    const { g } = chart
    const places = mark.x.map((x, i) => {
      const value = mark.y[i]
      return x === null || value === null || (y.log && value <= 0) ? null : [g.xAt(x), yAt(value)]
    })
    const group = pane(g.left - 8, top - 8, g.right - g.left + 16, bottom - top + 16, { class: inked(mark) })
    if (mark.width) group.append(svg("path", {
      class: "drawn", d: path(places), "stroke-width": mark.width, "stroke-dasharray": dashes(mark),
    }))
    places.forEach((place, i) => {
      if (!place) return
      if (mark.sign) group.append(sign(mark, ...place))
      const text = mark.texts?.[i]
      if (text) group.append(svg("text", {
        class: mark.hollow ? "" : "on-ink", x: place[0], y: place[1] + 4.5, "text-anchor": "middle",
      }, text))
      remember(chart, mark, k, i, ...place)
    })
    return group
  },
  bars(chart, { y, yAt, bottom }, mark, k) {
    const { g } = chart
    const group = svg("g", { class: inked(mark) })
    const wide = Math.max(1, Math.abs(g.xAt(mark.breadth) - g.xAt(0)))
    const foot = y.log ? bottom : Math.min(bottom, yAt(0))
    mark.x.forEach((x, i) => {
      if (x === null || mark.y[i] === null) return
      const [at, top] = [g.xAt(x), yAt(mark.y[i])]
      const box = { x: at - wide / 2, y: Math.min(top, foot), width: wide, height: Math.abs(foot - top) }
      group.append(svg("rect", { class: "bar", ...box }))
      if (mark.striped) group.append(stripes(box))
      if (mark.texts) group.append(svg("text", { x: at, y: top - 6, "text-anchor": "middle" }, mark.texts[i]))
      remember(chart, mark, k, i, at, top)
    })
    return group
  },
  rule({ g }, { top, bottom, yAt }, mark) {
    const level = mark.y !== null
    const [x, y] = level ? [g.right, yAt(mark.y)] : [g.xAt(mark.x), top]
    const ends = level ? { x1: g.left, x2: g.right, y1: y, y2: y } : { x1: x, x2: x, y1: top, y2: bottom }
    const group = svg("g", { class: inked(mark) },
      svg("line", { class: "drawn", "stroke-width": mark.width, "stroke-dasharray": dashes(mark), ...ends }))
    const beside = mark.before ? -5 : 5
    if (mark.text) group.append(svg("text", {
      class: "said", x: level ? x : x + beside, y: level ? y - 8 : y + LETTER, "text-anchor": level || mark.before ? "end" : "start",
    }, mark.text))
    return group
  },
  note({ g }, { top, bottom, yAt }, mark) {
    const [x, y] = mark.of_panel
      ? [g.left + mark.x * (g.right - g.left), top + mark.y * (bottom - top)]
      : [g.xAt(mark.x), yAt(mark.y)]
    return svg("text", {
      class: inked(mark, `inked said ${mark.strong ? "strong" : ""}`), x, y: y + 4.5, "text-anchor": mark.anchor,
    }, mark.text)
  },
}

// A part of the paper that cuts off what leaves it.
const pane = (x, y, width, height, more, ...children) =>
  svg("svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}`, overflow: "hidden", ...more }, ...children)

function stripes({ x, y, width, height }) {
  const n = Math.ceil((width + height) / 10)
  const line = (k) => svg("line", { class: "stripe", x1: x + 10 * k, y1: y, x2: x + 10 * k - height, y2: y + height })
  return pane(x, y, width, height, {}, ...Array.from({ length: n }, (_, k) => line(k)))
}

function path(places) {
  let pen = "M"
  return places.map((place) => {
    if (!place) { pen = "M"; return "" }
    const step = `${pen}${place[0].toFixed(1)} ${place[1].toFixed(1)}`
    pen = "L"
    return step
  }).join("")
}

function sign({ sign: kind, size, hollow, width }, x, y) {
  const r = size / 2
  const shapes = {
    circle: `M${x - r} ${y}a${r} ${r} 0 1 0 ${size} 0a${r} ${r} 0 1 0 ${-size} 0z`,
    square: `M${x - r} ${y - r}h${size}v${size}h${-size}z`,
    diamond: `M${x} ${y - 1.25 * r}l${1.25 * r} ${1.25 * r}l${-1.25 * r} ${1.25 * r}l${-1.25 * r} ${-1.25 * r}z`,
    x: `M${x - r} ${y - r}l${size} ${size}m0 ${-size}l${-size} ${size}`,
  }
  const more = `${hollow ? "hollow" : ""} ${kind === "x" ? "cross" : ""}`
  return svg("path", { class: `dot ${more}`, d: shapes[kind], "stroke-width": kind === "x" ? Math.max(1.8, width ?? 0) : 1.6 })
}

// The names of lines beside their ends, each with a thin line to it where it had to give way.
function endLabels(g, { marks, top, bottom, yAt }) {
  const group = svg("g", {})
  const named = marks.filter(({ end }) => end).map((mark) => {
    const i = mark.y.findLastIndex((value) => value !== null)
    const within = Math.min(bottom, Math.max(top, yAt(mark.y[i])))
    return { mark, x: g.xAt(mark.x[i]), y: within }
  })
  for (let left = named; left.length; ) { // those that end near each other, from the left
    const first = Math.min(...left.map((each) => each.x))
    const here = left.filter((each) => each.x < first + 60)
    left = left.filter((each) => !here.includes(each))
    keepApart(here.map(({ y }) => y), top, bottom, LETTER + 3).forEach((y, i) => {
      const { mark, x } = here[i]
      group.append(svg("line", { class: "leader", x1: x + 2, y1: here[i].y, x2: x + 13, y2: y }))
      group.append(svg("text", { class: mark.width > 2 ? "strong" : "", x: x + 16, y: y + 4.5 }, mark.end))
    })
  }
  return group
}

function legendItem(mark) {
  const paper = svg("svg", { width: 26, height: 14, "aria-hidden": "true", class: inked(mark) })
  if (mark.kind === "bars") {
    const box = { x: 7, y: 1, width: 12, height: 12 }
    paper.append(svg("rect", { class: "bar", ...box }))
    if (mark.striped) paper.append(stripes(box))
  } else {
    if (mark.width) paper.append(svg("line", { class: "drawn", x2: 26, y1: 7, y2: 7, "stroke-width": mark.width, "stroke-dasharray": dashes(mark) }))
    if (mark.sign) paper.append(sign(mark, 13, 7))
  }
  const item = document.createElement("span")
  item.append(paper, mark.name)
  return item
}

// ---------------------------------------------------------------------- what a point says

function remember({ points, g }, mark, panel, i, x, y) {
  const { top, bottom } = g.panels[panel] // what lies beyond is cut off, and passed by
  const within = x >= g.left - 1 && x <= g.right + 1 && y >= top - 1 && y <= bottom + 1
  if (mark.says && within) points.push({ mark, panel, i, x, y })
}

function say({ data }, { mark, panel, i }) {
  const { y } = data.panels[panel]
  const words = {
    name: mark.name ?? "", x: told(mark.x[i], data.x, false), y: told(mark.y[i], y, true), more: mark.more?.[i] ?? "",
  }
  return mark.says.replace(/\{(\w+)\}/g, (_, name) => words[name])
}

function point(chart, at, aloud = false) {
  const { ring, tip, g } = chart
  const place = (chart.at = at === null ? null : chart.points[at])
  tip.hidden = !place
  ring.setAttribute("visibility", place ? "visible" : "hidden")
  if (!place) return
  ring.setAttribute("cx", place.x)
  ring.setAttribute("cy", place.y)
  tip.textContent = say(chart, place)
  if (aloud) chart.live.textContent = tip.textContent
  const { offsetWidth: width, offsetHeight: height } = tip
  const top = chart.plot.offsetTop + place.y
  tip.style.left = `${Math.max(0, Math.min(g.width - width, place.x + (place.x > g.width / 2 ? -width - 14 : 14)))}px`
  tip.style.top = `${top - height - 10 < 0 ? top + 12 : top - height - 10}px`
}

function listen(chart) {
  const { plot } = chart
  plot.onpointermove = plot.onpointerdown = (event) => {
    const box = plot.getBoundingClientRect(), zoom = box.width / plot.clientWidth
    const x = (event.clientX - box.left) / zoom, y = (event.clientY - box.top) / zoom
    const far = chart.points.map((place) => Math.hypot(place.x - x, place.y - y))
    const nearest = far.indexOf(Math.min(...far))
    point(chart, far[nearest] < NEAR ? nearest : null)
  }
  plot.onpointerleave = ({ pointerType }) => pointerType !== "touch" && point(chart, null) // a finger lifts, and reads
  plot.onpointercancel = plot.onblur = () => point(chart, null) // it scrolls; the keys have gone elsewhere
  plot.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !chart.points.length) return
    const next = step(chart, event.key)
    if (next === undefined) return
    event.preventDefault()
    point(chart, next, true)
  }
}

// Left and right along a line, or, where each has one point, through all; up and down from line to line.
function step({ points, at, data: { panels } }, key) {
  if (key === "Escape") return null
  if (!/^(Arrow|Home$|End$)/.test(key)) return undefined
  const alone = points.every(({ mark }, k) => mark !== points[k - 1]?.mark)
  const first = at ?? points[0]
  const own = points.filter(({ mark }) => alone || mark === first.mark).sort((a, b) => a.x - b.x || a.y - b.y)
  if (!at) return points.indexOf(own[0])
  const here = own.indexOf(at)
  const along = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: own.length - 1 }[key]
  if (along !== undefined) return points.indexOf(own[along] ?? at)
  const lines = marksOf({ panels }).filter((mark) => points.some((place) => place.mark === mark))
  const other = lines[lines.indexOf(at.mark) + (key === "ArrowDown" ? 1 : -1)] ?? at.mark
  const far = points.map((place) => (place.mark === other ? Math.abs(place.x - at.x) : Infinity))
  return far.indexOf(Math.min(...far))
}
