// A table of cases. Picking one tells the server, and goes to the part of the page that shows it.

const HEAD = "4rem" // what lies over the top of the page

function render({ data: [data], parentElement: root, setTriggerValue }) {
  const go = () => {
    const place = document.querySelector(`.st-key-${data.to}`)
    if (!place) return
    place.style.scrollMarginTop = HEAD
    place.scrollIntoView({ behavior: pace() })
    const heading = place.querySelector("h2")
    heading?.setAttribute("tabindex", -1)
    heading?.focus({ preventScroll: true }) // who goes by keys or by ear goes along
  }
  const rows = data.rows.map((row) => {
    const pick = el("button", { type: "button", textContent: row.id })
    pick.onclick = () => {
      setTriggerValue("pick", row.id)
      go()
    }
    const sign = el("span", { textContent: row.agrees ? "✓" : "✗", ariaHidden: "true" })
    return el("tr", {}, el("th", { scope: "row" }, pick), el("td", {}, sign, ` ${row.said}`),
      el("td", { textContent: row.sources }), el("td", { className: "number", textContent: row.difference }),
      el("td", { className: "number", textContent: row.tolerance }))
  })
  const head = data.head.map((title, k) =>
    el("th", { scope: "col", textContent: title, className: k > 2 ? "number" : "" }))
  root.querySelector(".cases").replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...head)),
    el("tbody", {}, ...rows)))
}
