// ====================================================================== tiles
// The third part of run_chart.js: every picture as a small tile under the replay. One canvas for
// the training pictures and one for the test pictures; a frame repaints only tiles whose
// probability changed. A wrong one is outlined and crossed, a right one steps back.

const SMALLEST_TILE = 16
const GAP = 3
const BAR = 3 // the probability, under the thumbnail
const TILE_PLOT = { wide: 340, narrow: 250 } // what the tiles leave to the chart, at least
const ATLAS_ACROSS = 32
const ENLARGED = 64

function receiveTiles(chart, before) {
  const { tiles: data } = chart.data
  const box = chart.box.querySelector(".tiles")
  box.hidden = !data
  if (!data) {
    chart.tiles = null
    return tellTile(chart, null)
  }
  const n = data.labels.length
  const tiles = chart.tiles ?? { box, loaded: 0 }
  Object.assign(tiles, {
    data,
    n,
    x: chart.unpack.iterations(data.x),
    end: bytesOf(data.end),
    kind: null,
    frame: -1,
  })
  if (before?.probabilities !== data.probabilities) inflate(chart, tiles)
  const classes = String(data.classes)
  if (chart.tiles !== tiles || before?.train !== data.train || before?.labels.length !== n
    || String(before?.classes) !== classes) {
    tellTile(chart, null)
    buildTiles(chart, tiles)
  }
  chart.tiles = tiles
  if (before?.sprite !== data.sprite) loadSprite(chart, tiles)
}

// What the network said, (frames, n), one frame after the other: it comes compressed. The last frame
// comes by itself, so that a run that stands at its end is seen before the others are unpacked.
async function inflate(chart, tiles) {
  const { data } = tiles
  tiles.said = null
  await new Promise((go) => setTimeout(go)) // after the curve
  const inflater = new DecompressionStream("deflate")
  const writer = inflater.writable.getWriter()
  writer.write(bytesOf(data.probabilities))
  writer.close()
  const said = new Uint8Array(await new Response(inflater.readable).arrayBuffer())
  if (chart.tiles?.data.probabilities !== data.probabilities) return // overtaken by another run
  tiles.said = said
  draw(chart)
  describeTiles(chart)
}

function buildTiles(chart, tiles) {
  const { data, n, box } = tiles
  const { words } = chart.data
  const parts = [["train", 0, data.train], ["test", data.train, n - data.train]]
  tiles.groups = parts
    .filter(([, , size]) => size)
    .map(([name, first, size]) => {
      const group = { name, first, size, heading: element("h2", words.tiles[name]), right: -1 }
      group.canvas = Object.assign(document.createElement("canvas"), { tabIndex: 0 })
      group.canvas.setAttribute("role", "img")
      group.mark = Object.assign(element("div", ""), { className: "mark", hidden: true })
      group.field = Object.assign(element("div", ""), { className: "field" })
      group.field.append(group.canvas, group.mark)
      listenToTiles(chart, group)
      return group
    })
  const said = words.tiles.hint.replace("{cat}", () => data.classes[1])
  const hint = Object.assign(element("p", said), { className: "hint" })
  box.replaceChildren(hint, ...tiles.groups.flatMap(({ heading, field }) => [heading, field]))
}

// Unpacked beside the browser's own work, which else would stand still at the first tile.
async function loadSprite(chart, tiles) {
  const image = Object.assign(new Image(), { src: tiles.data.sprite })
  tiles.sprite = image
  await image.decode()
  if (chart.tiles?.sprite !== image) return // overtaken by other pictures
  tiles.loaded += 1
  draw(chart)
}

// ---------------------------------------------------------------------- where they stand

// The largest tiles that fit beside a chart of a fair height; the smallest scroll if need be.
function layOutTiles(chart) {
  const { tiles, box } = chart
  const width = tiles?.box.clientWidth
  if (!width) return
  const taken = [...box.querySelectorAll(":scope > :is(.header, .scrubber, .bar)")]
  const gaps = parseFloat(getComputedStyle(box).rowGap) * (taken.length + 1)
  const plot = box.clientWidth < WIDE ? TILE_PLOT.narrow : TILE_PLOT.wide
  const free = box.clientHeight - taken.reduce((sum, part) => sum + part.offsetHeight, gaps + plot)
  const lines = [...tiles.box.querySelectorAll("h2, .hint")]
  const words = lines.reduce((sum, line) => sum + line.offsetHeight, 0)
  let size = Math.max(SMALLEST_TILE, tiles.data.size)
  while (size > SMALLEST_TILE && words + fieldsHeight(tiles, size, width) > free) size -= 1
  const height = Math.min(words + fieldsHeight(tiles, size, width), Math.max(120, free))
  tiles.box.style.height = `${Math.ceil(height)}px`
  tiles.size = size
  tiles.across = acrossAt(size, width)
  for (const { canvas, size: n } of tiles.groups) {
    canvas.style.width = `${tiles.across * (size + GAP)}px`
    canvas.style.height = `${Math.ceil(n / tiles.across) * pitch(size)}px`
  }
}

const pitch = (size) => size + BAR + 1 + GAP // from one row to the next
const acrossAt = (size, width) => Math.max(1, Math.floor(width / (size + GAP)))
const fieldsHeight = ({ groups }, size, width) =>
  groups.reduce((sum, { size: n }) => sum + Math.ceil(n / acrossAt(size, width)) * pitch(size), 0)

const cornerOf = ({ across, size }, k) => [
  (k % across) * (size + GAP),
  Math.floor(k / across) * pitch(size),
]

function tileAt({ across, size }, group, event) {
  const column = Math.floor(event.offsetX / (size + GAP))
  const k = Math.floor(event.offsetY / pitch(size)) * across + column
  return column >= 0 && column < across && k >= 0 && k < group.size ? k : null
}

// ---------------------------------------------------------------------- painting

function paintTiles(chart) {
  const { tiles, pictures, upTo } = chart
  if (!tiles?.size || !pictures) return
  const frame = Math.max(0, indexAt(tiles.x, upTo))
  const now = frameOf(tiles, frame)
  if (!now) return
  const ratio = window.devicePixelRatio || 1
  const kind = [tiles.size, tiles.across, tiles.loaded, ratio, chart.version].join()
  const anew = kind !== tiles.kind
  if (!anew && frame === tiles.frame) return
  if (anew && tiles.loaded) prepareTiles(tiles, ratio)
  const before = anew ? null : tiles.now
  Object.assign(tiles, { kind, frame, now })
  for (const group of tiles.groups) {
    const ctx = group.canvas.getContext("2d")
    group.right = 0
    for (let k = 0; k < group.size; k++) {
      const i = group.first + k
      group.right += isRight(tiles, i)
      if (tiles.loaded && now[i] !== before?.[i]) paintTile(ctx, tiles, pictures.ink, i, k)
    }
    write(group.heading, headingOf(chart, group))
  }
  if (tiles.chosen) sayTile(chart)
}

// What the network said in a frame, null while that is still being unpacked.
function frameOf({ said, end, x, n }, frame) {
  if (said) return said.subarray(frame * n, (frame + 1) * n)
  return frame === x.length - 1 ? end : null
}

const saysCat = ({ now }, i) => now[i] > 127
const isRight = (tiles, i) => saysCat(tiles, i) === (tiles.data.labels[i] === "1")

// All thumbnails at the size of the tiles in the screen's own pixels: scaled once, copied often.
function prepareTiles(tiles, ratio) {
  const { size, data, n, sprite } = tiles
  const s = Math.round(size * ratio)
  const atlas = (tiles.atlas ??= document.createElement("canvas"))
  Object.assign(atlas, { width: ATLAS_ACROSS * s, height: Math.ceil(n / ATLAS_ACROSS) * s })
  const ctx = atlas.getContext("2d")
  ctx.imageSmoothingQuality = "high"
  for (let i = 0; i < n; i++) {
    const [from, to] = [data.across, ATLAS_ACROSS].map((across) => [i % across, Math.floor(i / across)])
    ctx.drawImage(sprite, from[0] * data.size, from[1] * data.size, data.size, data.size,
      to[0] * s, to[1] * s, s, s)
  }
  tiles.pixel = s
  for (const { canvas } of tiles.groups) {
    canvas.width = Math.round(canvas.clientWidth * ratio)
    canvas.height = Math.round(canvas.clientHeight * ratio)
    canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0)
  }
}

function paintTile(ctx, tiles, ink, i, k) {
  const { size, atlas, pixel, now } = tiles
  const [x, y] = cornerOf(tiles, k)
  const right = isRight(tiles, i)
  ctx.fillStyle = ink.paper
  ctx.fillRect(x, y, size + GAP, pitch(size))
  ctx.globalAlpha = right ? 0.55 : 1
  ctx.drawImage(atlas, (i % ATLAS_ACROSS) * pixel, Math.floor(i / ATLAS_ACROSS) * pixel, pixel, pixel,
    x, y, size, size)
  ctx.globalAlpha = 1
  if (!right) paintWrong(ctx, ink, x, y, size)
  ctx.fillStyle = ink.rule
  ctx.fillRect(x, y + size + 1, size, BAR)
  ctx.fillStyle = saysCat(tiles, i) ? ink.cat : ink.quiet
  ctx.fillRect(x, y + size + 1, (size * now[i]) / 255, BAR)
}

function paintWrong(ctx, ink, x, y, size) {
  const badge = Math.max(8, Math.round(size * 0.38))
  ctx.lineWidth = 2
  ctx.strokeStyle = ink.text
  ctx.strokeRect(x + 1, y + 1, size - 2, size - 2)
  ctx.fillStyle = ink.text
  ctx.fillRect(x + size - badge, y, badge, badge)
  const [cx, cy, arm] = [x + size - badge / 2, y + badge / 2, badge / 2 - 2.5]
  ctx.lineWidth = 1.5
  stroke(ctx, ink.paper, [cx - arm, cy - arm], [cx + arm, cy + arm])
  stroke(ctx, ink.paper, [cx - arm, cy + arm], [cx + arm, cy - arm])
}

// ---------------------------------------------------------------------- in words

function headingOf({ tiles, data: { words } }, { name, right, size }) {
  const place = `${words.iteration} ${count(tiles.x[tiles.frame])}`
  return `${words.tiles[name]}, ${place}: ${right} ${words.of} ${size} ${words.tiles.right}`
}

// Where the reader has stopped, for those who cannot see the tiles.
function describeTiles(chart) {
  const { tiles } = chart
  if (!tiles || tiles.frame < 0) return
  const { words } = chart.data
  for (const group of tiles.groups) {
    const wrong = [...Array(group.size).keys()].filter((k) => !isRight(tiles, group.first + k))
    const some = wrong.slice(0, 20).join(", ") + (wrong.length > 20 ? ", …" : "")
    const said = wrong.length ? ` ${words.tiles.wrong}: ${some}.` : ""
    group.canvas.setAttribute("aria-label", `${headingOf(chart, group)}.${said} ${words.tiles.keys}`)
  }
}

function sentenceOf({ tiles, data: { words } }, group, k) {
  const i = group.first + k
  const say = words.tiles
  const p = (tiles.now[i] / 255).toFixed(2)
  const verdict = isRight(tiles, i) ? say.right : say.wrong
  const picture = `${say.picture[group.name]} ${k}, ${tiles.data.classes[tiles.data.labels[i]]}`
  return `${picture}, ${say.says} ${p} ${tiles.data.classes[1]}: ${verdict}`
}

// ---------------------------------------------------------------------- one tile, pointed at

function listenToTiles(chart, group) {
  const { canvas } = group
  const point = (event) => {
    const k = tileAt(chart.tiles, group, event)
    tellTile(chart, k === null ? null : { group, k })
  }
  canvas.onpointermove = canvas.onpointerdown = point
  canvas.onpointerleave = (event) => event.pointerType === "mouse" && tellTile(chart, null)
  canvas.onblur = () => tellTile(chart, null)
  canvas.onfocus = () => {
    if (canvas.matches(":focus-visible")) tellTile(chart, { group, k: group.last ?? 0 })
  }
  canvas.onkeydown = (event) => chooseByKey(chart, group, event)
}

function chooseByKey(chart, group, event) {
  const { across } = chart.tiles
  const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across,
    Home: -Infinity, End: Infinity, Escape: 0 }
  const move = moves[event.key]
  if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  event.stopPropagation() // here the arrows go from tile to tile
  if (!move) return tellTile(chart, null)
  const k = Math.min(group.size - 1, Math.max(0, (group.last ?? 0) + move))
  tellTile(chart, { group, k })
}

function tellTile(chart, chosen) {
  const told = chart.box.querySelector(".told")
  told.hidden = !chosen
  if (chart.tiles) chart.tiles.chosen = chosen
  for (const group of chart.tiles?.groups ?? []) group.mark.hidden = group !== chosen?.group
  if (!chosen || !chart.pictures) return
  const { group, k } = chosen
  const { size, data, sprite, loaded } = chart.tiles
  const [x, y] = cornerOf(chart.tiles, k)
  group.last = k
  group.mark.style.transform = `translate(${x - 2}px, ${y - 2}px)`
  group.mark.style.width = group.mark.style.height = `${size + 4}px`
  const canvas = told.querySelector("canvas")
  canvas.width = canvas.height = ENLARGED * (window.devicePixelRatio || 1)
  const i = group.first + k
  if (loaded) {
    canvas.getContext("2d").drawImage(sprite, (i % data.across) * data.size,
      Math.floor(i / data.across) * data.size, data.size, data.size, 0, 0, canvas.width, canvas.height)
  }
  sayTile(chart)
  placeTold(chart.box, told, group, [x, y, size])
}

function sayTile(chart) {
  if (chart.tiles.frame < 0) return
  const { group, k } = chart.tiles.chosen
  write(chart.box.querySelector(".told span"), sentenceOf(chart, group, k))
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

function placeTold(box, told, { canvas }, [x, y, size]) {
  const [frame, field] = [box.getBoundingClientRect(), canvas.getBoundingClientRect()]
  const left = field.left - frame.left + x + size / 2 - told.offsetWidth / 2
  const above = field.top - frame.top + y - told.offsetHeight - 6
  const within = Math.min(frame.width - told.offsetWidth, Math.max(0, left))
  told.style.transform = `translate(${Math.round(within)}px, ${Math.round(above)}px)`
}
