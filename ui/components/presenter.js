// A presenter's remote sends PageDown and PageUp. One press is the next step, or, where the page has
// none (left) in sight, the next screenful; and after the last, the next page.

const WAY = { PageDown: 1, PageUp: -1, ArrowRight: 1, ArrowLeft: -1 }
const HEAD = 64 // pixels that Streamlit's bar covers at the top

function render({ data: [data], parentElement: root }) {
  root.stop?.() // called again, as when the theme changes: still one step a press
  const press = (event) => {
    const way = WAY[event.key]
    if (!way || event.defaultPrevented) return
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (isTaken(event)) return
    event.preventDefault()
    event.stopPropagation()
    step(way, way > 0 ? data.forward : data.back)
  }
  window.addEventListener("keydown", press, true) // before a slider that still has the focus
  root.querySelector("span").dataset.ready = "" // for who wants to press at once
  root.stop = () => window.removeEventListener("keydown", press, true)
  return root.stop
}

// Where text is typed the keys are the field's; arrow keys are every widget's, and a grid's.
function isTaken(event) {
  const arrow = event.key.startsWith("Arrow")
  for (const at of event.composedPath()) {
    if (!(at instanceof Element)) continue
    const role = at.getAttribute("role")
    if (at.matches("textarea, select, [contenteditable=true]")) return true
    if (at.matches("input") && (arrow || !["range", "radio", "checkbox"].includes(at.type))) return true
    if (["listbox", "combobox", "dialog", "spinbutton"].includes(role)) return true
    if (arrow && at !== document.body && at.tabIndex >= 0 && at.dataset.testid !== "stMain") return true
  }
  return false
}

function step(way, { steps, page }) {
  const button = everywhere(steps).find((each) => !each.disabled && isInSight(each))
  if (button) {
    bringIntoSight(button.getRootNode().host)
    return button.click()
  }
  const main = document.querySelector("[data-testid=stMain]")
  const left = way > 0 ? main.scrollHeight - main.clientHeight - main.scrollTop : main.scrollTop
  if (left > 4) return scroll(main, way)
  const link = document.querySelector(page)
  if (link && link.offsetParent) link.click()
}

// All that match, in the page and inside the components, which a plain search does not enter.
function everywhere(selectors) {
  const roots = [document]
  for (const each of document.querySelectorAll("[data-testid=stMain] *")) {
    if (each.shadowRoot) roots.push(each.shadowRoot)
  }
  return selectors.flatMap((selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]))
}

// The film counts while some of it is on the screen; the walk, in the page itself, always.
function isInSight(button) {
  const host = button.getRootNode().host
  if (!host) return button.offsetParent !== null
  const { top, bottom } = host.getBoundingClientRect()
  return bottom > HEAD + 80 && top < innerHeight - 80
}

function bringIntoSight(host) {
  const { top, bottom } = host?.getBoundingClientRect() ?? {}
  if (top < HEAD || bottom > innerHeight) host.scrollIntoView({ block: "center" })
}

// By a screenful, or less: to the heading in between.
function scroll(main, way) {
  const room = main.clientHeight - HEAD - 40
  const tops = [...main.querySelectorAll("h2, h3")]
    .filter((each) => each.offsetParent)
    .map((each) => each.getBoundingClientRect().top - HEAD)
  const near = tops.filter((top) => top * way > 8 && top * way <= room)
  main.scrollBy({ top: near.length ? (way > 0 ? Math.min(...near) : Math.max(...near)) : way * room })
}
