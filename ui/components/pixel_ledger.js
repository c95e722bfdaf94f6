// The ledger of one picture. Pointing, walking by keys, choosing a colour or a size of region: all is
// answered here, from the pixels and the weights that pixel_ledger.py sent once.

const CHANNELS = [0, 1, 2, 3] // all, red, green, blue
const STRONG = 0.99 // this share of a picture's values lies within the limits of its scale

// Streamlit calls this again on every change of data or theme, with the same parentElement: what must
// survive (what is chosen, pinned, in focus) is kept on it.
function render({ data: [data], parentElement: root }) {
  const box = root.querySelector(".ledger")
  const led = (root.ledger ??= { channel: 0, size: data.size, regions: true, pin: null, look: null, all: false })
  const paper = getComputedStyle(root.host ?? box).getPropertyValue("--st-background-color").trim()
  if (led.box !== box) bind(led, box)
  if (led.box !== box || led.hash !== data.hash || led.paper !== paper) {
    Object.assign(led, { box, data, paper, hash: data.hash })
    receive(led)
  }
  return () => (led.box = null)
}

// ---- small helpers ------------------------------------------------------------------------------

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
const count = (n) => n.toLocaleString("en-US")
const minus = (text) => String(text).replaceAll("-", "−")
const clamp = (value, least, most) => Math.min(most, Math.max(least, value))
const SUPER = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((s, d) => [d, s])) }
const power = (n) => `×10${[...String(n)].map((c) => SUPER[c]).join("")}`
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

// All digits of the float64: what Python and JavaScript both print.
function full(value) {
  const [digits, exponent] = String(value).split("e")
  return minus(digits) + (exponent ? power(Number(exponent)) : "")
}

// Four significant digits, standing alone.
function short(value) {
  if (value === 0) return "0"
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e5) return minus(value.toPrecision(4))
  const [digits, exponent] = value.toExponential(3).split("e")
  return minus(digits) + power(Number(exponent))
}

// With its sign, so that nothing is said by a colour alone.
const signed = (text) => (/^[−0]/.test(text) && !/^0\.0*[1-9]/.test(text) ? text : `+${text}`)
const fixed = (value, decimals) => minus((Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value).toFixed(decimals))
const decimalsFor = (most) => clamp(3 - Math.floor(Math.log10(most || 1)), 2, 9)

// ---- colours: blue, neutral at zero, orange ---------------------------------------------------------

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))

function isDark(paper) {
  const channels = paper.match(/^#(..)(..)(..)$/)?.slice(1).map((c) => parseInt(c, 16)) ?? [255]
  return Math.max(...channels) < 128
}

function colour(led, t) {
  const [low, zero, high] = led.ramp
  const end = t < 0 ? low : high
  return zero.map((c, k) => Math.round(c + (end[k] - c) * Math.min(1, Math.abs(t))))
}

const linear = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4

function inkOn([r, g, b]) {
  const light = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  return (light + 0.05) / 0.053 > 1.05 / (light + 0.05) ? "#0b0f14" : "#ffffff"
}

function tint(led, element, t) {
  const c = colour(led, t)
  element.style.background = `rgb(${c})`
  element.style.color = inkOn(c)
}

// ---- the numbers ------------------------------------------------------------------------------------

function receive(led) {
  const { data, paper } = led
  led.dark = isDark(paper)
  const stops = data.signs[led.dark ? "dark" : "light"]
  led.ramp = stops.map(rgb)
  for (const [i, name] of ["--low", "--zero", "--high"].entries()) led.box.style.setProperty(name, stops[i])
  led.side = data.side
  led.pixels = bytes(data.pixels)
  led.weights = Float64Array.from(new Float32Array(bytes(data.weights).buffer), (w) => w * data.scale)
  led.sums = new Map()
  if (!data.sizes.includes(led.size)) led.size = data.size
  for (const place of ["pin", "look"]) if (led[place] && Math.max(...led[place]) >= led.side) led[place] = null
  writeStatement(led)
  writeControls(led)
  redraw(led)
}

// Of each region of a size, by colour: what it adds, for and against, the weights, the largest first.
function regions(led, size = led.size, channel = led.channel) {
  const key = `${size},${channel}`
  if (led.sums.has(key)) return led.sums.get(key)
  const { side, pixels, weights } = led
  const across = Math.ceil(side / size), n = across * across
  const found = { across, n, sum: new Float64Array(n), plus: new Float64Array(n), minus: new Float64Array(n), weight: new Float64Array(n) }
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = Math.floor(row / size) * across + Math.floor(column / size)
      for (let k = 0; k < 3; k++) {
        if (channel && channel !== k + 1) continue
        const i = 3 * (row * side + column) + k
        const adds = weights[i] * pixels[i] / 255
        found.sum[at] += adds
        found.weight[at] += weights[i]
        if (adds > 0) found.plus[at] += adds
        else found.minus[at] += adds
      }
    }
  }
  found.order = Array.from({ length: n }, (_, at) => at).sort((a, b) => Math.abs(found.sum[b]) - Math.abs(found.sum[a]))
  led.sums.set(key, found)
  return found
}

// Where a scale ends, so that a few strong values do not make all others pale; one for all colours.
function limitOf(values) {
  const sizes = Float64Array.from(values, Math.abs).sort()
  return sizes[Math.ceil(STRONG * (sizes.length - 1))] || sizes.at(-1)
}

const regionAt = (led, [row, column]) => Math.floor(row / led.size) * regions(led).across + Math.floor(column / led.size)
const cornerOf = (led, at) => {
  const { across } = regions(led)
  return [Math.floor(at / across) * led.size, (at % across) * led.size]
}

// What speaks most for the answer; the largest where nothing speaks for it.
const opening = (led, found) => found.order.find((at) => found.sum[at] * led.data.direction > 0) ?? found.order[0]

function openingText(led, value) {
  const { words, classes, direction } = led.data
  const text = value * direction > 0 ? (direction > 0 ? words.mostFor : words.mostAgainst) : words.largest
  return fill(text, { name: classes[1] })
}

// What is talked about: what is pointed at, else what is pinned, else what speaks most for the answer.
const current = (led) => {
  const place = led.look ?? led.pin
  return place ? regionAt(led, place) : opening(led, regions(led))
}

// ---- the sum ----------------------------------------------------------------------------------------

function writeStatement(led) {
  const { data: { sum, words, classes }, all } = led
  const cat = { name: classes[1] }
  const digits = all ? full : (value) => fixed(value, 4)
  const most = Math.max(sum.for, -sum.against, Math.abs(sum.bias), 1e-12)
  const term = (value, text, { strength = null, before = "", sign = signed, kind = "signed" } = {}) => {
    const number = el("b", { textContent: sign(digits(value)), title: full(value) })
    if (strength !== null) tint(led, number, strength)
    return [before && el("span", { className: "sign", textContent: before }),
      el("div", { className: `term ${kind}` }, number, el("small", { textContent: text }))].filter(Boolean)
  }
  const plain = (text) => text
  const terms = el("div", { className: "terms" },
    ...term(sum.for, fill(words.for, cat), { strength: sum.for / most }),
    ...term(sum.against, fill(words.against, cat), { strength: sum.against / most }),
    ...term(sum.bias, words.bias, { strength: sum.bias / most }),
    ...term(sum.logit, words.logit, { before: "=", sign: plain, kind: "result total" }),
    ...term(sum.probability, fill(words.probability, cat), { before: "→", sign: plain, kind: "result" }))
  const toggle = el("button", { type: "button", textContent: all ? words.fourDigits : words.allDigits })
  toggle.onclick = () => {
    led.all = !led.all
    writeStatement(led)
    led.statement.querySelector("button").focus()
  }
  const text = sum.remainder ? fill(words.remainder, { remainder: short(sum.remainder) }) : words.exact
  led.statement.classList.toggle("exactly", all)
  led.statement.replaceChildren(terms, el("div", { className: "remainder" }, el("span", { textContent: text }), toggle))
}

// ---- choices ----------------------------------------------------------------------------------------

let groups = 0 // radio buttons of one group share a name that no other group has

function writeControls(led) {
  const { data } = led
  const { words, sizes, sum } = data
  const kind = JSON.stringify([words, sizes])
  if (led.controls.dataset.kind !== kind) {
    led.controls.dataset.kind = kind
    const change = (name) => (value) => {
      led[name] = value
      redraw(led)
    }
    led.controls.replaceChildren(
      group(words.channel, CHANNELS.map((k) => [k, words.channels[k]]), led.channel, change("channel")),
      group(words.size, sizes.map((n) => [n, n === 1 ? words.pixel : fill(words.sizes, { n })]), led.size, change("size")),
      group(words.draw, [[false, words.draws[0]], [true, words.draws[1]]], led.regions, change("regions")))
  }
  for (const [k, label] of [...led.controls.firstChild.querySelectorAll("label")].entries()) {
    label.title = k ? `${words.channels[k]}: ${signed(short(sum.channels[k - 1]))}` : ""
  }
}

function group(title, options, chosen, change) {
  const name = `ledger${groups++}`
  const labels = options.map(([value, text]) => {
    const input = el("input", { type: "radio", name, checked: value === chosen })
    input.onchange = () => change(value)
    return el("label", {}, input, el("span", { textContent: text }))
  })
  return el("fieldset", {}, el("legend", { textContent: title }), el("div", { className: "options" }, ...labels))
}

// ---- the pictures -----------------------------------------------------------------------------------

function redraw(led) {
  drawPicture(led)
  drawSigned(led, "contributions", "sum", 1)
  drawSigned(led, "gradient", "weight", led.data.dZ)
  writeList(led)
  show(led)
}

function paint(canvas, side, at) {
  Object.assign(canvas, { width: side, height: side })
  const context = canvas.getContext("2d")
  const image = context.createImageData(side, side)
  for (let p = 0; p < side * side; p++) {
    const c = at(p)
    for (let k = 0; k < 3; k++) image.data[4 * p + k] = c[k]
    image.data[4 * p + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

function drawPicture(led) {
  const { data: { words }, side, pixels, channel, views: { picture } } = led
  paint(picture.canvas, side, (p) => channel ? Array(3).fill(pixels[3 * p + channel - 1]) : pixels.subarray(3 * p, 3 * p + 3))
  picture.caption.textContent = words.picture[channel]
  picture.note.textContent = fill(words.pictureNote, { side })
  picture.canvas.setAttribute("aria-label", `${words.picture[channel]}. ${picture.note.textContent}`)
}

function drawSigned(led, name, what, factor) {
  const { data, side, views: { [name]: view } } = led
  const { words } = data
  const size = led.regions ? led.size : 1
  const found = regions(led, size), whole = regions(led, size, 0)
  const limit = limitOf(whole[what]) * Math.abs(factor)
  const colours = Array.from(found[what], (value) => colour(led, limit ? value * factor / limit : 0))
  paint(view.canvas, side, (p) => colours[Math.floor(Math.floor(p / side) / size) * found.across + Math.floor(p % side / size)])
  view.caption.textContent = name === "contributions" && size > 1 ? words.regionAdds : words[name]
  const beyond = found[what].reduce((n, v) => n + (Math.abs(v * factor) > limit), 0)
  const [low, high] = name === "gradient" ? words.slopes : words.ends
  const scale = el("div", { className: "bar" }, el("u"),
    el("i", { textContent: limit ? `−${short(limit)}` : "" }), el("i", { textContent: limit ? "0" : words.none }),
    el("i", { textContent: limit ? `+${short(limit)}` : "" }),
    el("i", { textContent: low }), el("i"), el("i", { textContent: high }))
  const notes = []
  if (beyond) notes.push(fill(words.beyond, { n: count(beyond), all: count(found.n) }))
  if (name === "gradient") {
    notes.push(data.against)
    const black = fill(data.black ? words.black : words.noBlack, { black: count(data.black), all: count(3 * side * side) })
    led.difference.textContent = fill(data.scale ? words.difference : words.deaf, { dZ: short(data.dZ), black })
  }
  view.note.replaceChildren(scale, ...notes.map((textContent) => el("p", { textContent })))
  const top = opening(led, found)
  const [row, column] = [Math.floor(top / found.across) * size, (top % found.across) * size]
  view.canvas.setAttribute("aria-label", name === "gradient" ? `${words.gradient}. ${data.against}`
    : `${view.caption.textContent}. ${openingText(led, found.sum[top])}: ${placeText(led, row, column, size)}, ${signed(short(found.sum[top]))}. ${words.keys}`)
}

function placeText(led, row, column, size = led.size) {
  const { words } = led.data
  const span = (at, one, many) => {
    const end = Math.min(at + size, led.side)
    return fill(end - at === 1 ? one : many, { from: at + 1, to: end })
  }
  return `${span(row, words.row, words.rows)}, ${span(column, words.column, words.columns)}`
}

// ---- the list ---------------------------------------------------------------------------------------

function writeList(led) {
  const { data: { words, sum, most }, channel, scroll } = led
  const found = regions(led)
  const listed = found.order.slice(0, most)
  const digits = decimalsFor(Math.abs(found.sum[listed[0]]))
  let so = sum.bias
  const steps = listed.map((at) => ({ at, from: so, to: (so += found.sum[at]) }))
  const rest = found.order.slice(most)
  const restSum = rest.reduce((total, at) => total + found.sum[at], 0)
  const others = channel ? sum.channels.reduce((total, c, k) => total + (k + 1 === channel ? 0 : c), 0) : 0
  const lines = [{ text: words.start, from: 0, to: sum.bias, edge: true }, ...steps]
  if (rest.length) lines.push({ text: fill(words.rest, { n: count(rest.length) }), from: so, to: (so += restSum), rest: true })
  if (channel) lines.push({ text: words.others, from: so, to: (so += others), rest: true })
  const ends = lines.flatMap(({ from, to }) => [from, to])
  const low = Math.min(...ends), span = Math.max(...ends) - low || 1
  const x = (value) => 100 * (value - low) / span
  led.rows = new Map()
  const body = lines.map(({ at, text, from, to, edge, rest: small }) => {
    const change = to - from
    const bar = el("u")
    Object.assign(bar.style, { left: `${x(Math.min(from, to))}%`, width: `${x(Math.max(from, to)) - x(Math.min(from, to))}%` })
    tint(led, bar, Math.sign(change))
    const zero = el("s")
    zero.style.left = `${x(0)}%`
    const name = at === undefined ? text : el("button", { type: "button", tabIndex: -1, textContent: shortPlace(led, at) })
    const row = el("tr", { className: at !== undefined ? "region-row" : edge ? "edge begin" : small ? "rest" : "" },
      el("td", {}, name), el("td", { textContent: signed(fixed(change, digits)) }),
      el("td", { className: "fall" }, el("div", { className: "track", attributes: { "aria-hidden": "true" } }, zero, bar)),
      el("td", { textContent: fixed(to, digits) }))
    row.adds = change
    if (at !== undefined) {
      led.rows.set(at, row)
      row.region = at
      name.setAttribute("aria-label", placeText(led, ...cornerOf(led, at)))
    }
    return row
  })
  led.more = el("td", { colSpan: 4 })
  led.digits = digits
  body.push(el("tr", { className: "more", attributes: { "aria-hidden": "true" } }, led.more))
  body.push(el("tr", { className: "edge end" }, el("td", { textContent: `= ${words.end}` }), el("td"), el("td"),
    el("td", { textContent: fixed(sum.logit, digits), title: full(sum.logit) })))
  const head = [words.place, words.sum, "", words.running].map((textContent) => el("th", { textContent, attributes: { scope: "col" } }))
  scroll.replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)))
  led.listTitle.textContent = words.list
  scroll.setAttribute("aria-label", words.list)
  countBelow(led)
}

// The logit stays in sight below the list: without this line the sum above it would look finished.
function countBelow({ scroll, more, digits, data: { words } }) {
  if (!more) return
  const end = scroll.scrollTop + scroll.clientHeight - heightBelow(scroll)
  const below = [...scroll.querySelectorAll("tbody tr:not(.more, .end)")]
    .filter((row) => row.offsetTop + row.offsetHeight > end + 2)
  const sum = below.reduce((total, row) => total + row.adds, 0)
  more.textContent = below.length ? fill(words.more, { n: count(below.length), sum: signed(fixed(sum, digits)) }) : ""
}

const heightOf = (scroll, selector) => scroll.querySelector(selector).offsetHeight
const heightBelow = (scroll) => heightOf(scroll, "tr.more") + heightOf(scroll, "tr.end")

function shortPlace(led, at) {
  const [row, column] = cornerOf(led, at)
  const span = (from) => {
    const end = Math.min(from + led.size, led.side)
    return end - from === 1 ? `${from + 1}` : `${from + 1}–${end}`
  }
  return `${span(row)}, ${span(column)}`
}

// ---- what is told of a region -----------------------------------------------------------------------

function show(led, { aloud = false, follow = false } = {}) {
  const at = current(led)
  const [row, column] = cornerOf(led, at)
  const { side, size } = led
  const percent = (n) => `${100 * n / side}%`
  for (const { region } of Object.values(led.views)) {
    for (const [name, part] of [["top", row], ["bottom", side - row - size], ["left", column], ["right", side - column - size]]) {
      region.style.setProperty(`--${name}`, percent(Math.max(0, part)))
    }
  }
  led.box.classList.toggle("looking", Boolean(led.look))
  const pinned = led.pin ? regionAt(led, led.pin) : null
  for (const [of, line] of led.rows) {
    line.classList.toggle("lit", of === at)
    line.classList.toggle("kept", of === pinned)
  }
  const stop = led.rows.get(at) ?? led.rows.values().next().value // the one stop for the Tab key
  for (const line of led.rows.values()) line.querySelector("button").tabIndex = line === stop ? 0 : -1
  if (follow && led.rows.has(at)) bringIntoSight(led, led.rows.get(at))
  tell(led, at, pinned === at)
  if (aloud) led.live.textContent = said(led, at, pinned === at)
}

// Of the list alone; the page stays. Its head, the bias and the logit stay in sight, over the others.
function bringIntoSight({ scroll }, row) {
  const top = row.offsetTop - heightOf(scroll, "thead") - heightOf(scroll, "tr.begin")
  const bottom = row.offsetTop + row.offsetHeight + heightBelow(scroll) - scroll.clientHeight
  if (scroll.scrollTop > top) scroll.scrollTop = top
  else if (scroll.scrollTop < bottom) scroll.scrollTop = bottom
}

const shareOf = (part, whole) => (whole ? `${(100 * part / whole).toPrecision(2)}%` : "0%")

function said(led, at, pinned) {
  const { words } = led.data
  const place = placeText(led, ...cornerOf(led, at))
  return `${place}: ${words.adds} ${signed(short(regions(led).sum[at]))}${pinned ? `, ${words.pinned}` : ""}`
}

function tell(led, at, pinned) {
  const { data, told, size, channel, side } = led
  const { words, classes, sum } = data
  const found = regions(led)
  const [row, column] = cornerOf(led, at)
  const cat = { name: classes[1] }
  const value = found.sum[at]
  const state = pinned ? el("span", { className: "tag", textContent: words.pinned })
    : el("small", { textContent: led.look ? words.pinIt : led.pin ? "" : openingText(led, value) })
  const release = led.pin && pinned ? el("button", { type: "button", textContent: words.release }) : null
  if (release) release.onclick = () => pin(led, null)
  const number = el("b", { textContent: signed(short(value)), title: full(value) })
  tint(led, number, Math.sign(value) * Math.min(1, 0.25 + Math.abs(value) / Math.abs(found.sum[found.order[0]] || 1)))
  const half = (part, whole, share) => el("p", { className: "halves", textContent: `${signed(short(part))}: ${fill(share, { share: shareOf(part, whole) })}` })
  const logit = found.weight[at] / 255
  told.replaceChildren(
    el("div", { className: "heading" }, el("span", { textContent: placeText(led, row, column) }), state, release),
    el("div", { className: "adds" }, number, el("span", { textContent: value ? fill(value > 0 ? words.for : words.against, cat) : "" })),
    half(found.plus[at], sum.for, words.ofFor), half(found.minus[at], sum.against, words.ofAgainst),
    size === 1 ? products(led, row * side + column) : byColour(led, at),
    el("p", { className: "small", textContent: fill(words.brighter, { logit: signed(short(logit)), loss: signed(short(logit * data.dZ)) }) }))
  for (const line of told.querySelectorAll("tr[data-channel]")) line.classList.toggle("chosen", Number(line.dataset.channel) === channel)
}

const line = (k, head, ...cells) => el("tr", { attributes: { "data-channel": k } }, el("th", { textContent: head, attributes: { scope: "row" } }),
  ...cells.map((textContent) => el("td", { textContent })))

// Of one pixel: value times weight, three times.
function products(led, pixel) {
  const { words } = led.data
  const head = el("tr", {}, el("th"), ...words.product.map((textContent) => el("th", { textContent, attributes: { scope: "col" } })))
  const lines = [0, 1, 2].map((k) => {
    const v = led.pixels[3 * pixel + k], w = led.weights[3 * pixel + k]
    return line(k + 1, words.channels[k + 1], `${v}/255`, `× ${short(w)}`, `= ${signed(short(w * v / 255))}`)
  })
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...lines))
}

function byColour(led, at) {
  const { words } = led.data
  const lines = [1, 2, 3].map((k) => line(k, words.channels[k], signed(short(regions(led, led.size, k).sum[at]))))
  return el("table", {}, el("tbody", {}, ...lines))
}

// ---- pointing, walking, pinning ---------------------------------------------------------------------

function bind(led, box) {
  const part = (selector) => box.querySelector(selector)
  Object.assign(led, { statement: part(".statement"), controls: part(".controls"),
    difference: part(".difference"), told: part(".told"), live: part(".live") })
  led.listTitle = el("h3")
  led.scroll = el("div", { className: "scroll", attributes: { role: "region" } })
  part(".list").replaceChildren(led.listTitle, led.scroll)
  led.views = Object.fromEntries(["picture", "contributions", "gradient"].map((name) => {
    const view = part(`.${name}`)
    const found = { caption: view.querySelector("figcaption"), frame: view.querySelector(".frame"),
      canvas: view.querySelector("canvas"), region: view.querySelector(".region"), note: view.querySelector(".note") }
    found.canvas.setAttribute("role", "img")
    listenToPointer(led, found.frame)
    return [name, found]
  }))
  const { canvas } = led.views.contributions
  canvas.tabIndex = 0
  canvas.onkeydown = (event) => walk(led, event)
  canvas.onfocus = () => canvas.matches(":focus-visible") && look(led, cornerOf(led, current(led)), { aloud: true })
  canvas.onblur = () => look(led, null)
  listenToList(led)
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !led.pin) return
    event.stopPropagation()
    pin(led, null)
  })
}

function listenToPointer(led, frame) {
  const place = (event) => {
    const area = frame.getBoundingClientRect()
    return [(event.clientY - area.top) / area.height, (event.clientX - area.left) / area.width]
      .map((part) => clamp(Math.floor(part * led.side), 0, led.side - 1))
  }
  frame.onpointermove = (event) => look(led, place(event), { follow: true })
  frame.onpointerleave = (event) => event.pointerType === "mouse" && look(led, null)
  frame.onpointercancel = () => look(led, null)
  frame.onclick = (event) => pin(led, place(event), event.pointerType !== "touch")
}

function listenToList(led) {
  const { scroll } = led
  scroll.onscroll = () => countBelow(led)
  new ResizeObserver(scroll.onscroll).observe(scroll)
  const regionOf = (event) => event.target.closest?.("tr")?.region
  const lookAt = (at, how) => look(led, at === undefined ? null : cornerOf(led, at), how)
  scroll.onpointerover = (event) => event.pointerType === "mouse" && lookAt(regionOf(event))
  scroll.onpointerleave = (event) => event.pointerType === "mouse" && look(led, null)
  scroll.onclick = (event) => {
    const at = regionOf(event)
    if (at !== undefined) pin(led, cornerOf(led, at), event.pointerType !== "touch")
  }
  scroll.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && lookAt(regionOf(event)))
  scroll.addEventListener("focusout", () => look(led, null))
  scroll.onkeydown = (event) => {
    const lines = [...led.rows.values()]
    const here = lines.findIndex((row) => row.region === regionOf(event))
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: lines.length - 1 }[event.key]
    if (here < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const next = lines[clamp(to, 0, lines.length - 1)]
    next.querySelector("button").focus({ preventScroll: true })
    bringIntoSight(led, next)
  }
}

function look(led, place, how) {
  const same = place && led.look ? regionAt(led, place) === regionAt(led, led.look) : place === led.look
  led.look = place
  if (!same) show(led, how)
}

// A mouse or the focus still points at what was just pinned or released; a finger that was lifted does not.
function pin(led, place, pointing = false) {
  const same = place && led.pin && regionAt(led, place) === regionAt(led, led.pin)
  led.pin = same ? null : place
  led.look = pointing ? place : null
  show(led, { aloud: true, follow: true })
}

function walk(led, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const [row, column] = cornerOf(led, current(led))
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault()
    return pin(led, [row, column], true)
  }
  const far = led.size * (event.shiftKey ? 4 : 1)
  const move = { ArrowLeft: [0, -far], ArrowRight: [0, far], ArrowUp: [-far, 0], ArrowDown: [far, 0] }[event.key]
  if (!move) return
  event.preventDefault()
  const to = [row + move[0], column + move[1]].map((at) => clamp(at, 0, led.side - 1))
  look(led, to, { aloud: true, follow: true })
}
