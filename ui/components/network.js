// The drawing of a network, and one iteration of training as a film. The numbers come from
// network.py, once; stepping, playing and resizing happen here, without a message to the server.

const STILL = matchMedia("(prefers-reduced-motion: reduce)")
const SMALL = 560 // below this width labels are abbreviated and the controls are stacked
const shown = new Set() // films that this tab has played by themselves, by key
const ICONS = {
  play: "M1 0 11 6 1 12z", pause: "M1 0h3.5v12H1zM7.5 0H11v12H7.5z",
  back: "M9 0 1 6l8 6z", next: "M3 0l8 6-8 6z",
}

// Streamlit calls this again on every change of data or theme, with the same parentElement; what
// must survive (which scene, whether it plays) is therefore kept on it.
function drawNetwork({ data: [data], parentElement: root }) {
  const film = (root.film ??= { index: 0, rest: true, playing: false, motion: [] })
  const box = root.querySelector(".network")
  setSigns(root.host ?? box, data.signs)
  if (film.box !== box || film.hash !== data.hash) receive(film, box, data)
  return () => {
    close(film)
    film.box = null // should the same parentElement come back, all is built anew, at the same scene
  }
}

function receive(film, box, data) {
  const kind = (d) => d.scenes.map((s) => `${s.phase}${s.layer}`).join()
  const sameFilm = film.data && kind(film.data) === kind(data)
  film.clock?.pause()
  const resume = film.playing && sameFilm
  if (!sameFilm) Object.assign(film, { index: 0, rest: true })
  close(film)
  Object.assign(film, { box, data, hash: data.hash, playing: false, size: "" })
  build(film)
  observe(film)
  if (resume) play(film)
}

function observe(film) {
  film.resize = new ResizeObserver(() => draw(film))
  film.resize.observe(film.stage)
  draw(film)
  if (!film.data.scenes.length || !film.data.autoplay || shown.has(film.data.key)) return
  film.sight = new IntersectionObserver((entries) => {
    if (!entries.at(-1).isIntersecting) return
    film.sight.disconnect()
    shown.add(film.data.key) // once: no rerun, no other numbers, no way back here start it again
    if (!STILL.matches) play(film)
  }, { threshold: 0.6 })
  film.sight.observe(film.drawing)
}

function close(film) {
  film.resize?.disconnect()
  film.sight?.disconnect()
  stopClock(film)
  stopMotion(film)
}

// ---- small helpers ------------------------------------------------------------------------------

function html(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)
  return element
}

function setSigns(host, signs) {
  const paper = getComputedStyle(host).getPropertyValue("--st-background-color").trim()
  const channels = paper.match(/^#(..)(..)(..)$/)?.slice(1).map((c) => parseInt(c, 16)) ?? [255]
  const [minus, plus] = signs[Math.max(...channels) < 128 ? "dark" : "light"]
  host.style.setProperty("--minus", minus)
  host.style.setProperty("--plus", plus)
}

const number = (value) => String(value).replace("-", "−")
const scene = (film) => film.data.scenes[film.index]
const last = (film) => film.data.layers.length - 1

// ---- the page around the drawing: caption and controls, built once ---------------------------------

function build(film) {
  const { box, data } = film
  film.drawing = svg("svg", { class: "drawing", role: "img", "aria-label": data.alt })
  film.stage = html("div", { className: "stage" }, film.drawing)
  box.replaceChildren(film.stage)
  box.style.setProperty("--height", `${data.height}px`) // as reserved by Streamlit; the drawing takes
  box.style.setProperty("--on-phone", `${data.onPhone}px`) // what is left
  if (!data.scenes.length) {
    box.onkeydown = null
    return ["role", "aria-label"].forEach((name) => box.removeAttribute(name))
  }
  film.drawing.setAttribute("tabindex", 0)
  box.onkeydown = (event) => onKey(film, event)
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", data.alt)
  box.append(buildCaption(film), buildControls(film))
}

function buildCaption(film) {
  const line = (text) => [html("span", { className: "phase" }), html("span", { textContent: text })]
  film.said = html("p", { style: "margin:0" }, ...line(""))
  film.said.setAttribute("aria-live", "polite")
  film.said.setAttribute("aria-atomic", "true")
  const room = film.data.scenes.map(({ caption }) => {
    const spare = html("p", { className: "room", style: "margin:0" }, ...line(caption))
    spare.firstChild.textContent = "·"
    spare.setAttribute("aria-hidden", "true")
    return spare
  })
  return html("div", { className: "caption" }, ...room, film.said)
}

function buildControls(film) {
  const { text, scenes } = film.data
  const button = (name, click) => {
    const element = html("button", { type: "button", className: name, onclick: click })
    setFace(element, name, text[name])
    return element
  }
  film.play = button("play", () => (film.playing ? pause(film) : play(film)))
  film.back = button("back", () => go(film, film.index - 1))
  film.next = button("next", () => go(film, film.index + 1))
  film.steps = scenes.map(({ phase, layer }, i) => {
    const turn = i && phase !== scenes[i - 1].phase ? " turn" : ""
    const track = html("span", { className: "track" }, html("span", { className: "fill" }))
    const step = html("button", { type: "button", onclick: () => go(film, i) }, track)
    step.base = phase + turn
    step.title = `${text.phases[phase]}, ${text.layer} ${layer}`
    step.setAttribute("aria-label", `${text.step} ${i + 1} ${text.of} ${scenes.length}: ${step.title}`)
    return step
  })
  return html("div", { className: "controls" },
    html("div", { className: "buttons" }, film.play, film.back, film.next),
    html("div", { className: "steps" }, ...film.steps))
}

function setFace(button, icon, words) {
  if (button.words === words) return
  button.words = words
  const sign = svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("path", { d: ICONS[icon] }))
  button.replaceChildren(...(icon === "next" ? [words, sign] : [sign, words]))
}

function onKey(film, event) {
  const onButton = event.target.tagName === "BUTTON"
  if (event.altKey || event.ctrlKey || event.metaKey) return
  if (event.key === "ArrowRight") go(film, film.index + 1)
  else if (event.key === "ArrowLeft") go(film, film.index - 1)
  else if (event.key !== " " || onButton) return // a button already answers to the space bar
  else if (STILL.matches) go(film, film.index + 1)
  else film.playing ? pause(film) : play(film)
  event.preventDefault()
}

// ---- playing ------------------------------------------------------------------------------------

// The bar of the current step is the clock: an animation that can be paused, that sleeps while the
// tab is hidden, and whose end is the cue for the next scene.
function startClock(film) {
  const { caption } = scene(film)
  const duration = Math.min(3600, 1600 + 22 * Math.max(0, caption.length - 50))
  const fill = film.steps[film.index].querySelector(".fill")
  film.clock = fill.animate([{ transform: "scaleX(0)" }, { transform: "none" }], { duration })
  film.clock.onfinish = () => {
    film.clock = null
    if (film.index < film.steps.length - 1) {
      film.index += 1
      show(film, true)
      startClock(film)
    } else {
      Object.assign(film, { playing: false, rest: true })
      show(film, false)
    }
  }
}

function stopClock(film) {
  if (film.clock) film.clock.onfinish = null
  film.clock?.cancel()
  film.clock = null
}

function play(film) {
  const atEnd = film.index === film.steps.length - 1
  const again = film.rest || (atEnd && !film.clock)
  film.playing = true
  film.rest = false
  if (film.clock) { // it was paused within a scene
    film.clock.play()
    film.motion.filter((m) => m.playState === "paused").forEach((m) => m.play())
    return show(film, false)
  }
  if (again) film.index = 0
  show(film, true)
  startClock(film)
}

function pause(film) {
  film.playing = false
  film.clock?.pause()
  film.motion.filter((m) => m.playState === "running").forEach((m) => m.pause())
  show(film, false)
}

function go(film, index) {
  if (index < 0 || index >= film.steps.length) return
  stopClock(film)
  Object.assign(film, { index, playing: false, rest: false })
  show(film, true)
}

// A click on a layer means its scene in the phase at hand, else the next scene that it has.
function goToLayer(film, layer) {
  const { scenes } = film.data
  const places = scenes.map((_, i) => i).filter((i) => scenes[i].layer === layer)
  const place = places.find((i) => scenes[i].phase === scene(film).phase)
    ?? places.find((i) => i > film.index) ?? places[0]
  if (place !== undefined) go(film, place)
}

// ---- where everything stands --------------------------------------------------------------------

function measure(data, width, height) {
  const small = width < SMALL
  const hasCost = data.scenes.some((s) => s.phase === "cost")
  const place = { small, width, hasCost, bottom: height - 44, cost: width - (small ? 15 : 34) }

  let left = small ? 22 : 48
  if (data.picture) {
    place.size = Math.max(58, Math.min(136, width * 0.13))
    place.strip = { x: place.size + (small ? 14 : width * 0.035), w: small ? 6 : 9 }
    left = place.strip.x + place.strip.w + (small ? 14 : 30) + (small ? 8 : 12)
  }
  const results = data.layers.at(-1).result?.length ?? 0
  const room = !small ? 86 : results > 1 ? 68 : results || hasCost ? 38 : 24
  const right = (hasCost ? place.cost : width) - room
  const n = data.layers.length
  place.gap = (right - left) / (n - 1)
  place.x = data.layers.map((_, l) => left + place.gap * l)
  place.long = data.layers.every(({ label }, l) => label.length * 6.6 < Math.min(place.gap,
    2 * place.x[l], 2 * (width - place.x[l])))
  nameEdges(data, place)

  const { bottom, top } = place
  const slots = Math.max(...data.layers.map((layer) => layer.units.length + (layer.gap ? 1 : 0)))
  const spacing = Math.min(small ? 30 : 40, (bottom - top) / slots)
  const r = Math.min(small ? 8 : 12, spacing * 0.36)
  const middle = (top + bottom) / 2
  Object.assign(place, { spacing, r, middle })
  place.y = data.layers.map((layer) => columnOf(layer, middle, spacing))
  if (data.picture) {
    const wide = Math.min(1, data.picture.ratio), high = Math.min(1, 1 / data.picture.ratio)
    place.picture = { x: 1, y: middle - (place.size * high) / 2, w: place.size * wide, h: place.size * high }
    Object.assign(place.strip, { y: top, h: bottom - top })
  }
  return place
}

// How W1 to WL are named: all with the shape beside the name, all with it below, on lines by turns
// where even that is too wide, or, in a small film, all without.
function nameEdges({ edges, scenes }, place) {
  const longest = Math.max(...edges.map(({ shape }) => shape.length))
  place.letter = place.small ? 11 : 12
  place.top = 34
  place.turns = 1
  if (place.gap > (4 + longest) * 7.4) place.naming = "beside"
  else if (place.small && scenes.length) place.naming = "short"
  else {
    place.naming = "below"
    const fits = (place.gap - 3) / (0.6 * longest)
    if (fits >= 10) place.letter = Math.min(place.letter, fits)
    else place.turns = Math.min(3, edges.length, Math.ceil((place.letter * 0.6 * longest + 3) / place.gap))
    place.top += 15 + 29 * (place.turns - 1)
  }
}

function columnOf({ units, gap }, middle, spacing) {
  const slots = units.length + (gap ? 1 : 0)
  return units.map((_, k) => middle + (k + (gap && k >= 6 ? 1 : 0) - (slots - 1) / 2) * spacing)
}

// ---- drawing --------------------------------------------------------------------------------------

// Drawn again at each width rather than scaled, so that text keeps its size.
function draw(film) {
  const width = film.stage.clientWidth, height = film.stage.clientHeight
  const size = `0 0 ${width} ${height}`
  if (!width || size === film.size) return
  film.size = size
  const { data, drawing } = film
  const place = (film.place = measure(data, width, height))
  film.box.classList.toggle("small", place.small) // may change the room; the observer then returns
  drawing.classList.toggle("compact", place.small)
  drawing.setAttribute("viewBox", size)
  stopMotion(film)
  const parts = (film.parts = {
    edges: data.edges.map((_, k) => drawEdges(data, place, k + 1)),
    pulses: svg("g"),
    layers: data.layers.map((_, l) => drawLayer(film, l)),
    labels: data.layers.map((layer, l) => drawLabel(layer, place, l)),
    names: data.edges.map((_, k) => drawName(film, k + 1)),
    picture: place.picture ? drawPicture(data, place) : svg("g"),
    cost: place.hasCost ? drawCost(data, place) : svg("g"),
  })
  const grounds = data.layers.map((_, l) => drawGround(place, l))
  drawing.replaceChildren(parts.picture, ...parts.edges, parts.cost, parts.pulses, ...grounds,
    ...parts.layers, ...parts.labels, ...parts.names)
  show(film, false)
}

function drawEdges({ edges }, { x, y }, l) {
  const group = svg("g", { class: "part drawn edges" })
  y[l].forEach((y2, i) => y[l - 1].forEach((y1, j) => {
    const w = edges[l - 1].w?.[i][j]
    const sign = w === undefined ? "" : w < 0 ? "minus" : "plus"
    const size = w === undefined ? 0.26 : 0.06 + 0.6 * Math.abs(w)
    const line = svg("line", { class: `edge ${sign}`, x1: x[l - 1], y1, x2: x[l], y2 })
    line.style.setProperty("--size", size.toFixed(3))
    group.append(line)
  }))
  return group
}

// Paper under the units, which never dims: edges end at the outline of a dimmed unit, too.
function drawGround({ x, y, r }, l) {
  return svg("g", { class: "paper" }, ...y[l].map((cy) => svg("circle", { cx: x[l], cy, r })))
}

function drawLayer(film, l) {
  const { data, place } = film
  const layer = data.layers[l], x = place.x[l], { r, spacing } = place
  const drawn = svg("g", { class: "drawn" })
  const group = svg("g", { class: "part layer" }, drawn)
  if (data.scenes.length) {
    group.classList.add("clickable")
    group.onclick = () => goToLayer(film, l)
    drawn.append(svg("rect", { x: x - Math.min(30, place.gap / 2), y: place.top, fill: "transparent",
      width: Math.min(60, place.gap), height: place.bottom - place.top + 40 }))
  }
  place.y[l].forEach((y, k) => drawn.append(drawUnit(data, layer, k, x, y, r)))
  layer.units.forEach((unit, k) => { // dots stand for the units that are left out
    if (!k || unit === layer.units[k - 1] + 1) return
    const y = (place.y[l][k - 1] + place.y[l][k]) / 2
    for (const step of layer.gap ? [-1, 0, 1] : [0])
      drawn.append(svg("circle", { class: "dot", cx: x, cy: y + step * spacing * 0.2, r: 1.3 }))
  })
  const results = layer.result && layer.units.length <= 6 ? layer.result : []
  results.forEach((text, k) => {
    const above = results.length === 1, y = place.y[l][k] + (above ? -r - 9 : 5)
    const at = above && place.gap > 44 ? { x, y } : { x: above ? x - r : x + r + 8, y, style: "text-anchor:start" }
    group.append(svg("text", { class: "result", ...at }, text))
  })
  return group
}

function drawUnit(data, layer, k, x, y, r) {
  const circle = (name) => svg("circle", { class: name, cx: x, cy: y, r })
  const said = [`${data.text.unit} ${layer.units[k] + 1}`]
  if (layer.a) said.push(`${data.text.activation} ${number(layer.a[k])} (0 … ${layer.limits[0]})`)
  if (layer.g) said.push(`${data.text.gradient} ${number(layer.g[k])} (±${layer.limits[1]})`)
  return svg("g", {}, svg("title", {}, said.join("\n")), circle("value"), circle("ring"))
}

function drawLabel(layer, place, l) {
  const tight = place.gap < 44
  const lines = place.long ? [layer.label] : tight && l > 0 ? layer.short.slice(0, 1) : layer.short
  const at = tight && l === 0 ? { x: place.x[0] + place.r, style: "text-anchor:end" } : { x: place.x[l] }
  return svg("g", { class: "part words" }, ...lines.map((line, k) =>
    svg("text", { ...at, y: place.bottom + 20 + 16 * k }, line)))
}

function drawName(film, l) {
  const { data: { edges, scenes }, place: { x, gap, top, naming, turns, letter } } = film
  const { shape } = edges[l - 1]
  const middle = (x[l] + x[l - 1]) / 2
  const y = top - 18 - (naming === "below" ? 15 + 29 * (turns - 1 - (l - 1) % turns) : 0)
  const line = (k) => svg("text", { class: "name", x: middle, y: y + 14 * k, style: `font-size: ${letter}px` })
  const name = line(0), below = line(1)
  const group = svg("g", { class: "part words" }, name, below)
  if (scenes.length) { // as a layer does, its weights lead to where they are used
    group.classList.add("clickable")
    group.onclick = () => goToLayer(film, l)
  }
  below.textContent = naming === "below" ? shape : ""
  group.say = (text) => {
    name.textContent = naming === "beside" ? `${text} ${shape}` : naming === "below" || gap > 26 ? text : ""
  }
  return group
}

function drawPicture({ picture }, { picture: p, strip: s, bottom }) {
  const image = (href, b) => svg("image", { class: "pixels", href, x: b.x, y: b.y, width: b.w, height: b.h,
    preserveAspectRatio: "none" })
  const guide = (y1, y2) => svg("line", { class: "guide", x1: p.x + p.w, y1, x2: s.x, y2 })
  const frame = (b) => svg("rect", { class: "frame", x: b.x, y: b.y, width: b.w, height: b.h })
  return svg("g", { class: "part" }, svg("g", { class: "drawn" },
    image(picture.image, p), frame(p), guide(p.y, s.y), guide(p.y + p.h, s.y + s.h),
    image(picture.strip, s),
    svg("rect", { class: "cover", x: s.x - 1, y: s.y, width: s.w + 2, height: s.h }), frame(s),
    svg("line", { class: "scan", x1: p.x, x2: p.x + p.w, y1: p.y, y2: p.y }),
    svg("line", { class: "scan", x1: s.x - 3, x2: s.x + s.w + 3, y1: s.y, y2: s.y })),
    svg("text", { class: "label", x: p.x + p.w / 2, y: p.y + p.h + 19 }, picture.shape))
}

function drawCost({ text, layers }, { x, y, cost, r, middle, bottom, small }) {
  const size = small ? 10 : 13
  return svg("g", { class: "part layer" }, svg("g", { class: "drawn" },
    ...y.at(-1).map((y1) => svg("line", { class: "edge", x1: x.at(-1), y1, x2: cost, y2: middle })),
    svg("rect", { class: "paper", x: cost - size, y: middle - size, width: 2 * size, height: 2 * size, rx: 4 }),
    svg("rect", { class: "ring", x: cost - size, y: middle - size, width: 2 * size, height: 2 * size, rx: 4 }),
    svg("text", { class: "cost-letter", x: cost, y: middle + 5 }, "J")),
    svg("text", { class: "label", x: cost, y: bottom + 20 }, text.phases.cost))
}

// ---- one scene ------------------------------------------------------------------------------------

// What a scene lights: 2 is lit, 1 is near by, 0 is dimmed.
function lightOfLayer({ phase, layer }, l, L) {
  if (phase === "update") return layer === 0 || l === layer || l === layer - 1 ? 1 : 0
  const from = { forward: layer - 1, backward: layer + 1 }[phase]
  const active = phase === "input" ? 0 : phase === "cost" ? L : layer
  return l === active ? 2 : l === from ? 1 : 0
}

function lightOfEdges({ phase, layer }, l) {
  if (phase === "update") return layer === 0 || l === layer ? 2 : 0
  if (phase === "forward") return l === layer ? 2 : 0
  if (phase === "backward") return l === layer + 1 ? 2 : l === layer ? 1 : 0
  return 0
}

// Forward fills the units one layer after the other; backward replaces what it has reached.
function contentOf(now, l) {
  if (!now || now.phase === "cost" || now.phase === "update") return "a"
  if (now.phase === "backward") return l >= now.layer ? "g" : "a"
  return l <= (now.phase === "input" ? 0 : now.layer) ? "a" : ""
}

// On the way back the error comes through W of the layer after; what is made is dW.
function nameOf(now, l) {
  return now?.phase === "backward" && l >= now.layer && l !== now.layer + 1 ? `dW${l}` : `W${l}`
}

function show(film, move) {
  const { data, box, parts, rest } = film
  const now = data.scenes.length && !rest ? scene(film) : null
  box.classList.toggle("rest", !now)
  box.dataset.phase = now?.phase ?? ""
  if (data.scenes.length) showControls(film)
  if (!parts) return
  const moving = move && now && !STILL.matches
  const light = (part, level) => {
    part.classList.toggle("lit", level === 2)
    part.classList.toggle("near", level === 1)
    part.classList.toggle("active", level === 2)
  }
  const L = last(film)
  parts.layers.forEach((part, l) => {
    const level = now ? lightOfLayer(now, l, L) : 0
    light(part, level)
    const before = { forward: "", backward: "a" }[now?.phase]
    const arriving = moving && level === 2 && before !== undefined
    if (arriving) paintAtOnce(part, data.layers[l], before) // wherever the reader comes from
    part.style.setProperty("--arrive", arriving ? "0.8s" : "0s")
    paint(part, data.layers[l], contentOf(now, l))
    light(parts.labels[l], level)
  })
  parts.edges.forEach((part, k) => {
    const level = now ? lightOfEdges(now, k + 1) : 0
    light(part, level)
    part.classList.toggle("amber", now?.phase === "update" && level === 2)
    const made = now?.phase === "backward" && k + 1 === now.layer
    light(parts.names[k], made || level === 2 ? 2 : 0)
    parts.names[k].say(nameOf(now, k + 1))
  })
  light(parts.picture, !now || now.phase === "input" ? 2 : now.phase === "forward" && now.layer === 1 ? 1 : 0)
  light(parts.cost, now?.phase === "cost" ? 2 : now?.phase === "backward" && now.layer === L ? 1 : 0)
  if (move) setInMotion(film, moving ? now : null)
}

function paint(part, layer, content) {
  part.querySelectorAll(".value").forEach((circle, k) => {
    const sign = content === "g" && layer.sign ? layer.sign[k] : null
    circle.classList.toggle("minus", sign !== null && sign < 0)
    circle.classList.toggle("plus", sign !== null && sign > 0)
    circle.style.fillOpacity = sign !== null ? Math.abs(sign) : content ? (layer.shade?.[k] ?? 0) : 0
  })
  part.querySelectorAll(".result").forEach((text) => text.classList.toggle("said", content !== ""))
}

function paintAtOnce(part, layer, content) {
  part.classList.add("at-once")
  paint(part, layer, content)
  part.getBoundingClientRect() // the browser takes note; from here on, changes are gradual again
  part.classList.remove("at-once")
}

function showControls(film) {
  const { data, steps, index, rest, playing } = film
  const ended = rest && index === steps.length - 1
  const { phase, caption } = scene(film)
  film.said.className = phase
  film.said.children[0].textContent = data.text.phases[phase]
  film.said.children[1].textContent = caption
  setFace(film.play, playing ? "pause" : "play", data.text[playing ? "pause" : ended ? "again" : "play"])
  film.back.disabled = index === 0
  film.next.disabled = index === steps.length - 1
  steps.forEach((step, i) => {
    const state = i < index || ended ? "done" : i === index && !rest ? "now" : ""
    step.className = `${step.base} ${state}`
    step.tabIndex = i === index ? 0 : -1 // one stop for the Tab key; the arrows do the rest
    i === index ? step.setAttribute("aria-current", "step") : step.removeAttribute("aria-current")
  })
}

// ---- movement -------------------------------------------------------------------------------------

function stopMotion(film) {
  film.motion.forEach((m) => m.cancel())
  film.motion = []
  film.parts?.pulses.replaceChildren()
}

function setInMotion(film, now) {
  stopMotion(film)
  if (!now) return
  const { parts } = film
  const L = last(film), { phase, layer } = now
  if (phase === "input" && film.place.picture) unroll(film)
  else if (phase === "forward") parts.edges[layer - 1] && pulse(film, parts.edges[layer - 1], false)
  else if (phase === "cost") pulse(film, parts.cost, false)
  else if (phase === "backward") pulse(film, layer === L ? parts.cost : parts.edges[layer], true)
  else if (phase === "update") {
    const edges = layer ? [parts.edges[layer - 1]] : parts.edges
    edges.forEach((group, k) => film.motion.push(...[...group.children].map((line) => line.animate(
      [{ strokeWidth: 0.8 }, { strokeWidth: 2 }, { strokeWidth: 0.8 }],
      { duration: 900, delay: 250 * k, easing: "ease-in-out" }))))
  }
}

// A bead runs along every edge; the stronger the weight, the larger the bead. (It is the round cap of
// a dash without length, so that it keeps to the line by itself.)
function pulse(film, group, reverse) {
  group.querySelectorAll(".edge").forEach((edge, k) => {
    const ends = ["x1", "y1", "x2", "y2"].map((name) => edge.getAttribute(name))
    const [x1, y1, x2, y2] = reverse ? [...ends.slice(2), ...ends.slice(0, 2)] : ends
    const size = Number(edge.style.getPropertyValue("--size")) || 0.6
    const line = svg("line", { class: "pulse", pathLength: 1, x1, y1, x2, y2,
      "stroke-width": 2 + 4.5 * size, "stroke-opacity": Math.min(1, 0.3 + 1.1 * size) })
    film.parts.pulses.append(line)
    film.motion.push(line.animate([{ strokeDashoffset: 0 }, { strokeDashoffset: -1 }],
      { duration: 900, delay: 80 + 16 * ((k * 7) % 11), easing: "ease-in-out", fill: "backwards" }))
    film.motion.at(-1).finished.then(() => line.remove(), () => {}) // a cancelled one is gone already
  })
}

// The rows of the picture are read from the top while the column fills.
function unroll({ motion, parts, place }) {
  const timing = { duration: 1300, delay: 150, easing: "linear", fill: "backwards" }
  const run = (element, frames) => motion.push(element.animate(frames, timing))
  run(parts.picture.querySelector(".cover"), [{ transform: "none" }, { transform: "scaleY(0)" }])
  const [inPicture, inStrip] = parts.picture.querySelectorAll(".scan")
  const fall = (h) => [{ transform: "none", opacity: 1 }, { transform: `translateY(${h}px)`, opacity: 1 }]
  run(inPicture, fall(place.picture.h))
  run(inStrip, fall(place.strip.h))
}
