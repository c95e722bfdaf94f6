// A figure of the course, from the nodes, arrows, frames and layouts that figure.py describes. Text keeps
// its size at every width: what changes is the layout, the first one that has room.

const LINE = 22, GAP = 22, ROW_GAP = 32, MOST_GAP = 64, HEAD = 8, INSET = 9

function render({ data: [data], parentElement: root }) {
  const box = root.querySelector(".figure")
  let width = 0
  const redraw = () => { if (box.clientWidth) draw(box, data, (width = box.clientWidth)) }
  const observer = new ResizeObserver(() => box.clientWidth !== width && redraw())
  observer.observe(box)
  redraw()
  document.fonts.addEventListener("loadingdone", redraw) // text is measured: a font that comes late moves things
  return () => {
    observer.disconnect()
    document.fonts.removeEventListener("loadingdone", redraw)
  }
}

// ---- text: `code`, *variables*, ^{raised} and _{lowered} --------------------------------------------

function text(line, name = "") {
  const element = svg("text", { class: name })
  let shift = 0
  for (const [, code, math, raised, lowered, plain] of line.matchAll(
    /`([^`]+)`|\*([^*]+)\*|\^\{([^}]*)\}|_\{([^}]*)\}|([^`*^_]+)/g)) {
    const level = raised ? -6 : lowered ? 4 : 0
    const style = code ? "code" : math ? "math" : raised || lowered ? "raised" : ""
    element.append(svg("tspan", { class: style, dy: level - shift }, code ?? math ?? raised ?? lowered ?? plain))
    shift = level
  }
  return element
}

// In a narrow figure, a line is broken at its arrow or comma, and a long name after underscores.
function broken(line) {
  if (/ → |\}, /.test(line)) return line.split(/ (?=→)|, (?=\*)/)
  const [, before, code, after] = line.match(/^([^`]*)`([^`]{13,})`(.*)$/) ?? []
  if (!code) return [line]
  const pieces = []
  for (const word of code.split(/(?<=_)/)) {
    if (pieces.length && (pieces.at(-1) + word).length <= 10) pieces.push(pieces.pop() + word)
    else pieces.push(word)
  }
  return pieces.map((piece, i) => `${i ? "" : before}\`${piece}\`${i < pieces.length - 1 ? "" : after}`)
}

// ---- where everything stands ------------------------------------------------------------------------

function draw(box, data, width) {
  const drawing = svg("svg", { role: "img", "aria-label": data.alt, width })
  box.replaceChildren(drawing)
  const room = width - 2 // a stroke is drawn half outside
  const tries = data.layouts.flatMap((layout) => [[layout, false], [layout, true]])
  let plan
  for (const [layout, narrow] of tries) {
    drawing.replaceChildren()
    plan = arrange(drawing, data, layout, narrow, room)
    if (plan.width <= room) break
  }
  const ground = svg("g"), wires = svg("g")
  data.frames.toReversed().forEach((frame, i) => ground.append(drawFrame(plan, frame, data.frames.length - 1 - i)))
  data.arrows.forEach((arrow) => wires.append(...drawArrow(plan, arrow)))
  drawing.prepend(ground, wires)
  for (const node of Object.values(plan.nodes)) place(drawing, node)
  drawing.append(...plan.labels)
  const scale = Math.min(1, room / plan.width) // where no layout has room, all of the last one is smaller
  if (scale < 1) drawing.setAttribute("viewBox", `0 0 ${plan.width + 2} ${plan.height}`)
  drawing.setAttribute("height", plan.height * scale)
  box.style.height = `${Math.ceil(plan.height * scale)}px`
}

// Each node reaches so far left, right, up and down from its centre: first its box, then what stands
// under it, then the frames around it. Columns and rows are as large as what they hold.
function arrange(drawing, data, { cells, turn }, narrow, width) {
  const lines = (list) => (narrow ? list.flatMap(broken) : list)
  const measured = (line, name) => drawing.appendChild(text(line, name))
  const wide = (element) => element.getComputedTextLength()
  // All the text first, then its widths: a width after every line would lay out the page as often.
  const written = Object.fromEntries(Object.keys(cells).map((id) => {
    const { look, ...node } = data.nodes[id]
    const sketch = SKETCHES[look]?.(node)
    const texts = (sketch ? [] : lines(node.lines)).map((line) => measured(line, look === "plain" ? "inked" : ""))
    const under = (sketch ? node.lines : node.under).map((line) => measured(line, "soft"))
    return [id, { sketch, texts, under }]
  }))
  const labels = data.frames.map(({ members, label }) => {
    const column = members.every((id) => cells[id][1] === cells[members[0]][1])
    return { column, label: (column ? lines([label]) : [label]).map((line) => measured(line, "inked")) }
  })
  const probes = data.arrows.map(({ label }) => (label ? measured(label) : null))
  const needs = probes.map((probe) => (probe ? wide(probe) + 22 : 0))
  const nodes = {}
  for (const [id, [row, column]] of Object.entries(cells)) {
    const { kind, look } = data.nodes[id], { sketch, texts, under } = written[id]
    const plain = look === "plain"
    const w = sketch?.w ?? Math.max(...texts.map(wide)) + (plain ? 6 : narrow ? 14 : 22)
    const h = sketch?.h ?? LINE * texts.length + (plain ? 2 : 12)
    const below = under.length ? LINE * under.length + (plain ? -2 : 6) : 0
    const half = Math.max(w, ...under.map(wide)) / 2
    nodes[id] = { id, kind, look, row, column, texts, under, sketch, w, h, l: half, r: half, u: h / 2, d: h / 2 + below }
  }
  const all = Object.values(nodes), boxes = all.filter((n) => n.look === "box")
  for (const n of boxes) { // boxes of one column are equally wide, those of one row equally high
    n.w = Math.max(...boxes.filter((o) => o.column === n.column).map((o) => o.w))
    n.h = Math.max(n.h, ...boxes.filter((o) => o.row === n.row).map((o) => o.texts.length * LINE + 12))
  }
  for (const n of boxes) {
    const below = n.d - n.u
    Object.assign(n, { l: Math.max(n.l, n.w / 2), r: Math.max(n.r, n.w / 2), u: n.h / 2, d: n.h / 2 + below })
  }
  const frames = data.frames.map((frame, i) => {
    const members = frame.members.map((id) => nodes[id]), { column, label } = labels[i]
    const at = (key, f) => members.filter((n) => n[key] === f(...members.map((o) => o[key])))
    const least = Math.max(...label.map(wide)) + 2 * INSET
    if (column) for (const n of members) n.l = n.r = Math.max(n.l, n.r, least / 2 - INSET)
    at("column", Math.min).forEach((n) => (n.l += INSET))
    at("column", Math.max).forEach((n) => (n.r += INSET))
    at("row", Math.min).forEach((n) => (n.u += INSET + LINE * label.length))
    at("row", Math.max).forEach((n) => (n.d += INSET))
    members.forEach((n) => (n.frame = frame.members.join()))
    return { members, label, around: members.map(({ l, r, u, d }) => ({ l, r, u, d })) }
  })
  for (const probe of probes) probe?.remove()
  const across = gaps(data, nodes, "column", turn, needs), down = gaps(data, nodes, "row", turn, needs)
  const rest = width - spread(all, "column", "l", "r", "x", across)
  const more = Math.max(0, Math.min(rest / (across.length || 1), MOST_GAP - GAP))
  const used = spread(all, "column", "l", "r", "x", across.map((gap) => gap + more))
  const height = spread(all, "row", "u", "d", "y", down)
  const top = Math.min(-3, ...all.map((n) => n.y - n.u)), bottom = Math.max(height, ...all.map((n) => n.y + n.d))
  const shift = 1 + Math.max(0, (width - used) / 2)
  for (const n of all) { n.x += shift; n.y += 1 - top }
  for (const n of all.filter((o) => o.look === "wide")) { // what leaves a box of full height leaves it evenly
    Object.assign(n, { y: height / 2 + 1 - top, h: height, u: height / 2, d: height / 2 })
    const after = data.arrows.filter((arrow) => arrow.from === n.id).map((arrow) => nodes[arrow.to])
    after.forEach((o, i) => (o.y = 1 - top + (height * (i + 0.5)) / after.length - (o.d - o.u) / 2))
  }
  return { nodes, frames, turn, labels: [], width: used, height: Math.ceil(bottom - top + 2) }
}

// Between two columns (or rows) there is room for the arrows and their labels.
function gaps(data, nodes, axis, turn, needs) {
  const last = Math.floor(Math.max(...Object.values(nodes).map((n) => n[axis])))
  const between = Object.values(nodes).some((n) => n[axis] % 1) // those need room, too
  const found = Array(last).fill(axis === "row" ? ROW_GAP + (between ? 10 : 0) : GAP)
  data.arrows.forEach(({ from, to, label }, i) => {
    const a = nodes[from][axis], b = nodes[to][axis], turns = nodes[from].row !== nodes[to].row
    if (!label || a === b || (axis === "column" && turn === "v" && turns)) return
    const at = Math.min(Math.floor(Math.min(a, b)), last - 1)
    found[at] = Math.max(found[at], axis === "column" ? needs[i] : 40)
  })
  return found
}

// Put centres along one axis and return the whole length; a half stands halfway between its neighbours.
function spread(all, axis, before, after, position, between) {
  const centres = []
  let end = 0
  for (let k = 0; k <= between.length; k++) {
    const here = all.filter((n) => n[axis] === k)
    const reach = (side) => Math.max(0, ...here.map((n) => n[side]))
    centres.push(end + reach(before))
    end += reach(before) + reach(after) + (between[k] ?? 0)
  }
  for (const n of all) {
    const k = Math.floor(n[axis])
    n[position] = n[axis] === k ? centres[k] : (centres[k] + centres[k + 1]) / 2
  }
  return end
}

// ---- drawing ----------------------------------------------------------------------------------------

function stack(texts, x, middle) {
  texts.forEach((element, i) => {
    element.setAttribute("x", x)
    element.setAttribute("y", middle + (i - (texts.length - 1) / 2) * LINE)
  })
}

function place(drawing, n) {
  const group = svg("g", { class: n.kind })
  drawing.append(group)
  if (n.sketch) group.append(n.sketch.draw(n.x - n.w / 2, n.y - n.h / 2))
  else if (n.look !== "plain") group.append(svg("rect", { class: "box", x: n.x - n.w / 2, y: n.y - n.h / 2, width: n.w, height: n.h, rx: 6 }))
  stack(n.texts, n.x, n.y + 1)
  stack(n.under, n.x, n.y + n.h / 2 + (n.look === "plain" ? -2 : 7) + (n.under.length * LINE) / 2)
  group.append(...n.texts, ...n.under)
}

function drawFrame({ frames }, { kind }, i) {
  const { members, label, around } = frames[i]
  const edge = (side, sign, key, f) => f(...members.map((n, k) => n[key] + sign * around[k][side]))
  const x = edge("l", -1, "x", Math.min), y = edge("u", -1, "y", Math.min)
  const width = edge("r", 1, "x", Math.max) - x, height = edge("d", 1, "y", Math.max) - y
  stack(label, x + width / 2, y + 5 + (label.length * LINE) / 2)
  return svg("g", { class: kind }, svg("rect", { class: "frame", x, y, width, height, rx: 9 }), ...label)
}

function drawArrow(plan, { from, to, kind, label }) {
  const { points, at, side } = route(plan, plan.nodes[from], plan.nodes[to])
  const [x, y] = points.at(-1), [x0, y0] = points.at(-2)
  const dx = Math.sign(x - x0), dy = Math.sign(y - y0)
  const wire = [...points.slice(0, -1), [x - dx * (HEAD - 2), y - dy * (HEAD - 2)]]
  if (label) {
    const element = text(label, `inked ${side === "on" ? "halo" : ""}`)
    element.setAttribute("x", at[0] + (side === "right" ? 7 : 0))
    element.setAttribute("y", at[1] - (side === "above" ? 12 : 0))
    if (side === "right") element.style.textAnchor = "start"
    plan.labels.push(svg("g", { class: kind }, element))
  }
  const head = `M${x} ${y}l${-dx * HEAD - dy * 4} ${-dy * HEAD - dx * 4}l${dy * 8} ${dx * 8}z`
  return [svg("path", { class: `wire ${kind}`, d: "M" + wire.map((p) => p.join(" ")).join("L") }), svg("path", { class: `head ${kind}`, d: head })]
}

// Straight where two nodes face each other, with one corner where that meets nobody, else through the gap.
// What leads from one frame to another begins and ends at the frames.
function route({ nodes, turn }, a, b) {
  const right = Math.sign(b.x - a.x), down = Math.sign(b.y - a.y), AIR = 3
  const outer = (n) => n.frame && a.frame !== b.frame
  const endX = (n, s) => n.x + s * (AIR + (outer(n) ? n[s > 0 ? "r" : "l"] : n.w / 2))
  const endY = (n, s) => n.y + s * (AIR + (outer(n) || n.under.length ? n[s > 0 ? "d" : "u"] : n.h / 2))
  const midX = (a.x + right * (right > 0 ? a.r : a.l) + b.x - right * (right > 0 ? b.l : b.r)) / 2
  const midY = (endY(a, down) + endY(b, -down)) / 2
  const facing = (n, o, key, size) => Math.abs(n[key] - o[key]) < n[size] / 2
  if (facing(a, b, "y", "h") || facing(b, a, "y", "h")) {
    const y = a.h < b.h ? a.y : b.y
    return { points: [[endX(a, right), y], [endX(b, -right), y]], at: [midX, y], side: "above" }
  }
  if (facing(a, b, "x", "w") || facing(b, a, "x", "w")) {
    const x = a.w < b.w ? a.x : b.x
    return { points: [[x, endY(a, down)], [x, endY(b, -down)]], at: [x, midY], side: "right" }
  }
  const corners = [
    { points: [[endX(a, right), a.y], [b.x, a.y], [b.x, endY(b, -down)]], at: [(endX(a, right) + b.x) / 2, a.y], side: "above" },
    { points: [[a.x, endY(a, down)], [a.x, b.y], [endX(b, -right), b.y]], at: [(endX(b, -right) + a.x) / 2, b.y], side: "above" },
  ].map((path) => ({ ...path, room: clearance(Object.values(nodes), path.points) })).sort((p, q) => q.room - p.room)
  if (corners[0].room > 0) return corners[0]
  return turn === "h"
    ? { points: [[endX(a, right), a.y], [midX, a.y], [midX, b.y], [endX(b, -right), b.y]], at: [midX, (a.y + b.y) / 2], side: "on" }
    : { points: [[a.x, endY(a, down)], [a.x, midY], [b.x, midY], [b.x, endY(b, -down)]], at: [(a.x + b.x) / 2, midY], side: "on" }
}

// How far a path with one corner keeps from all that stands about.
function clearance(all, [p, corner, q]) {
  const from = (n, [x1, y1], [x2, y2]) => Math.max(
    n.x - n.l - Math.max(x1, x2), Math.min(x1, x2) - n.x - n.r, n.y - n.u - Math.max(y1, y2), Math.min(y1, y2) - n.y - n.d)
  const least = (a, b) => Math.min(...all.map((n) => from(n, a, b)))
  return Math.min(least(p, corner), least(corner, q)) > 0 ? least(corner, corner) : 0
}

// ---- the picture and its columns: the planes differ in tone, not in colour ---------------------------

const tone = (c) => `--tone:${14 + 17 * c}%`
const dots = (x, y) => [-7, 0, 7].map((d) => svg("circle", { class: "dot", cx: x, cy: y + d, r: 1.6 }))
const at = (element, x, y, style = "") => {
  for (const [key, value] of Object.entries({ x, y, style })) element.setAttribute(key, value)
  return element
}

const SKETCHES = {
  planes({ channels }) {
    const size = 92, step = 20, w = size + step * (channels.length - 1)
    const draw = (x, y) => svg("g", {}, ...channels.map((name, c) => {
      const px = x + step * c, py = y + w - size - step * c, cell = 23
      return svg("g", { style: tone(c) }, svg("rect", { class: "plane", x: px, y: py, width: size, height: size }),
        ...[0, 1].map((k) => svg("rect", { class: "cell", x: px + k * cell, y: py, width: cell, height: 20 })),
        ...[0, 1].map((k) => at(text(name), px + (k + 0.5) * cell, py + 10)))
    }).reverse())
    return { w, h: w, draw }
  },
  column({ channels, pixels }) {
    const cell = 20, gap = 26, n = channels.length
    const tops = pixels.map((_, k) => k * n * cell + (k === 2 ? gap : 0))
    const draw = (x, y) => svg("g", {}, ...tops.flatMap((top, k) => [
      ...channels.flatMap((name, c) => [
        svg("rect", { class: "cell", style: tone(c), x, y: y + top + c * cell, width: 28, height: cell }),
        at(text(name), x + 14, y + top + (c + 0.5) * cell)]),
      svg("path", { class: "wire", d: `M${x + 34} ${y + top + 2}h4v${n * cell - 4}h-4` }),
      at(text(pixels[k], "soft"), x + 44, y + top + (n * cell) / 2, "text-anchor:start"),
    ]), ...(pixels.length > 2 ? dots(x + 14, y + tops[2] - gap / 2) : []))
    return { w: 112, h: tops.at(-1) + n * cell, draw }
  },
  matrix({ channels }) {
    const w = 20, h = 156, xs = [0, 1, 2, 3, 5.4], stripes = 3 * channels.length, high = h / stripes
    const draw = (x, y) => svg("g", {}, ...Array.from({ length: stripes }, (_, i) =>
      svg("rect", { class: "cell", style: tone(i % channels.length), x, y: y + i * high, width: w, height: high })),
    ...xs.map((k, i) => svg("rect", { class: "plane", style: i ? tone(0) : "fill:none", x: x + k * w, y, width: w, height: h })),
    at(text("· · ·", "soft"), x + 4.7 * w, y + h / 2))
    return { w: 6.4 * w, h, draw }
  },
}
