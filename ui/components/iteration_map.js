// The drawing of network.js as a map: the server says which scene is lit, and hears when the reader
// walks: by a click on a layer, by the arrow keys, or because the map plays. iteration_map.py puts
// network.js before this text.

function render({ data: [data], parentElement: root, setStateValue }) {
  const map = (root.map ??= { sent: data.echo, at: data.index, playing: false })
  map.tell = (index, playing) => {
    map.sent += 1
    Object.assign(map, { at: index, playing })
    setStateValue("at", { index, playing, n: map.sent })
  }
  const close = drawNetwork({ data: [data.film], parentElement: root })
  const film = (map.film = root.film)
  film.drawing.onclick = () => film.index !== map.at && map.tell(film.index, false)
  film.box.onkeydown = null
  map.echo = data.echo
  if (data.echo >= map.sent) { // else this is the answer to an older message
    Object.assign(map, { sent: data.echo, at: data.index, playing: data.playing })
  }
  if (film.rest || film.index !== map.at) go(film, map.at)
  film.halves = data.halves
  settle(film)
  map.resize?.disconnect()
  map.resize = new ResizeObserver(() => settle(film)) // after the one that draws anew
  map.resize.observe(film.stage)
  clearTimeout(map.timer)
  if (map.playing) wait(map)
  document.removeEventListener("keydown", map.onKey)
  map.onKey = (event) => walk(map, event)
  document.addEventListener("keydown", map.onKey)
  return () => {
    clearTimeout(map.timer)
    map.resize.disconnect()
    document.removeEventListener("keydown", map.onKey)
    close()
  }
}

// A scene of the film is two steps here. In the first of two forward, the sums are there, but not yet
// what the activation makes of them; the first backward knows dA, not dZ; the second lights W of its
// own layer, where dW arises.
function settle(film) {
  const { parts, data } = film, half = film.halves[film.index], now = scene(film)
  if (!parts) return
  const layer = now.layer
  if (half === "sums") paint(parts.layers[layer], data.layers[layer], "")
  if (half === "answers") paint(parts.layers[layer], data.layers[layer], "a")
  if (half !== "weights") return
  const light = (part, lit, near) => {
    part?.classList.toggle("lit", lit)
    part?.classList.toggle("near", near)
  }
  light(parts.edges[layer], false, false)
  light(parts.edges[layer - 1], true, false)
  light(parts.layers[layer + 1], false, false)
  light(parts.layers[layer - 1], false, true)
  light(parts.cost, false, false)
}

function move(map, by, playing) {
  const index = map.at + by
  if (index < 0 || index >= map.film.data.scenes.length) return false
  map.tell(index, playing)
  go(map.film, index)
  settle(map.film)
  return true
}

// As long as the sentence takes to read; on a slow line, not before the last step has arrived.
function wait(map) {
  const { caption } = scene(map.film)
  map.timer = setTimeout(() => {
    if (!map.playing) return
    if (map.echo < map.sent) return wait(map)
    if (!move(map, 1, true)) map.tell(map.at, false)
    else wait(map)
  }, Math.min(6000, 1800 + 24 * caption.length))
}

// The arrows walk from the map, from the buttons beside it, and from where nothing has the focus. All
// else that has the focus (a slider, a text, the entries of the explorer) keeps its own arrows.
function walk(map, event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!by || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return
  const from = event.composedPath()[0]
  const ours = from === document.body || map.film.box.contains(from) || from.closest?.(".st-key-walk button")
  if (!ours) return
  event.preventDefault()
  move(map, by, false)
}
