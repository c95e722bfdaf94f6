// Pictures as a grid of buttons. One of them is a tab stop; from there the arrow keys go on.

function render({ data: [data], parentElement: root, setTriggerValue }) {
  const grid = root.querySelector(".grid")
  grid.setAttribute("aria-label", data.label)
  grid.style.setProperty("--width", `${data.width}px`)
  const same = JSON.stringify(data.tiles)
  if (root.same !== same) {
    grid.replaceChildren(...data.tiles.map((tile) => button(tile)))
    root.same = same // else the buttons stay, and with them the focus
  }
  const buttons = [...grid.children]
  const press = (id) => {
    for (const each of buttons) each.setAttribute("aria-pressed", each.dataset.id === id)
  }
  const stop = (at) => {
    for (const each of buttons) each.tabIndex = each === at ? 0 : -1
  }
  press(data.chosen)
  stop(buttons.find((each) => each.dataset.id === data.chosen) ?? buttons[0])
  grid.onclick = (event) => {
    const at = event.target.closest("button")
    if (!at) return
    press(at.dataset.id) // at once; the server follows
    stop(at)
    setTriggerValue("picked", at.dataset.id)
  }
  grid.onkeydown = (event) => {
    const from = buttons.indexOf(event.target.closest("button"))
    const across = buttons.filter((each) => each.offsetTop === buttons[0].offsetTop).length
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key]
    const at = by && buttons[from + by]
    if (!at || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    stop(at)
    at.focus()
  }
}

function button(tile) {
  const made = document.createElement("button")
  made.type = "button"
  made.dataset.id = tile.id
  made.title = tile.title
  const image = document.createElement("img")
  image.src = tile.picture
  image.alt = tile.title
  made.append(image)
  tile.lines.forEach((line, i) => {
    const text = document.createElement(i ? "span" : "b")
    text.textContent = line
    made.append(text)
  })
  return made
}
