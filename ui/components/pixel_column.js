// A picture, one pixel of it chosen by a click, a tap or the arrow keys, and the three rows of X that
// hold it. Nothing is sent to the server: all numbers are here already.

function render({ data: [data], parentElement: root }) {
  const view = (root.view ??= { row: data.row, column: data.column })
  Object.assign(view, { data, root, side: data.side })
  view.row = Math.min(view.row, data.side - 1)
  view.column = Math.min(view.column, data.side - 1)
  view.bytes = Uint8Array.from(atob(data.pixels), (c) => c.charCodeAt(0))
  paintPicture(view)
  paintColumn(view)
  listen(view)
  show(view)
}

const find = (view, selector) => view.root.querySelector(selector)

function paint(canvas, width, height, colourOf) {
  Object.assign(canvas, { width, height })
  const ctx = canvas.getContext("2d"), image = ctx.createImageData(width, height)
  for (let k = 0; k < width * height; k++) image.data.set([...colourOf(k), 255], 4 * k)
  ctx.putImageData(image, 0, 0)
}

function paintPicture(view) {
  const { side, bytes } = view
  paint(find(view, ".picture canvas"), side, side, (k) => bytes.subarray(3 * k, 3 * k + 3))
}

// The column from the top, four bands for each row of the picture: each the mean of its pixels.
function paintColumn(view) {
  const { side, bytes } = view, bands = 4 * side, n = (side * side) / bands
  paint(find(view, ".column canvas"), 1, bands, (band) => {
    const sum = [0, 0, 0], first = Math.floor(band * n), last = Math.max(first + 1, Math.floor((band + 1) * n))
    for (let k = first; k < last; k++) for (let c = 0; c < 3; c++) sum[c] += bytes[3 * k + c]
    return sum.map((s) => s / (last - first))
  })
}

function listen(view) {
  const canvas = find(view, ".picture canvas")
  const choose = (event) => {
    const box = canvas.getBoundingClientRect()
    const at = (position, size) => clamp(view, Math.floor((position / size) * view.side))
    go(view, at(event.clientY - box.top, box.height), at(event.clientX - box.left, box.width))
  }
  canvas.onpointerdown = choose
  canvas.onpointermove = (event) => event.buttons && event.pointerType === "mouse" && choose(event)
  canvas.onkeydown = (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }
    const move = moves[event.key]
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const by = event.shiftKey ? 8 : 1
    go(view, clamp(view, view.row + by * move[0]), clamp(view, view.column + by * move[1]))
  }
}

const clamp = (view, place) => Math.min(view.side - 1, Math.max(0, place))

function go(view, row, column) {
  Object.assign(view, { row, column })
  show(view)
}

function show(view) {
  const { data, side, bytes, row, column } = view
  const { words } = data
  const first = 3 * (side * row + column)
  const cell = 100 / side
  Object.assign(find(view, ".frame").style, { left: `${column * cell}%`, top: `${row * cell}%`, width: `${cell}%`, height: `${cell}%` })
  find(view, ".mark").style.top = `${(100 * first) / (3 * side * side)}%`
  const where = fill(words.where, { row, column })
  find(view, ".where").textContent = where
  find(view, ".sum").textContent = fill(words.sum, { row, column, side, first: first.toLocaleString("en") })
  const lines = words.channels.map((channel, c) => {
    const value = bytes[first + c], colour = [0, 0, 0]
    colour[c] = value
    const swatch = Object.assign(document.createElement("span"), { className: "swatch" })
    swatch.style.background = `rgb(${colour})`
    const texts = [channel, (first + c).toLocaleString("en"), String(value), (value / 255).toFixed(4)]
    const tr = document.createElement("tr")
    tr.append(...texts.map((text) => Object.assign(document.createElement("td"), { textContent: text })))
    tr.firstChild.prepend(swatch)
    tr.lastChild.title = String(value / 255)
    return tr
  })
  find(view, "thead tr").replaceChildren(
    ...words.heads.map((text) => Object.assign(document.createElement("th"), { textContent: text })))
  find(view, "tbody").replaceChildren(...lines)
  find(view, ".hint").textContent = words.hint
  const canvas = find(view, ".picture canvas")
  const said = words.channels.map((name, c) => `${name} ${bytes[first + c]}`).join(", ")
  canvas.setAttribute("aria-label", `${data.alt} ${where}: ${said}. ${words.keys}`)
  if (canvas.matches(":focus")) find(view, ".live").textContent = `${where}: ${said}`
  find(view, ".column canvas").setAttribute("aria-label", words.column)
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])
