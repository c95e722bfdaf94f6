// Numbers by their names. A name, or its whole row, leads on.

function render({ data: [data], parentElement: root, setTriggerValue }) {
  const box = root.querySelector(".numbers"), held = root.activeElement?.value
  const rows = data.rows.map((row) => {
    const name = row.id === null
      ? el("code", { textContent: row.name })
      : el("button", { type: "button", value: row.id, textContent: row.name, ariaLabel: data.say.replace("{name}", row.name) })
    const line = el("tr", { className: row.id === null ? "" : "leads" }, el("td", {}, name),
      ...row.cells.map((text) => el("td", { className: "number", textContent: text })),
      el("td", {}, el("span", { className: row.agrees ? "" : "differs", textContent: row.sign })))
    if (row.id !== null) line.onclick = () => setTriggerValue("pick", row.id)
    return line
  })
  const head = data.head.map((title, k) => el("th", { scope: "col", className: k ? "number" : "", textContent: title }))
  box.replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)))
  if (data.rows.every((row) => row.id === null)) box.tabIndex = 0 // so that keys can scroll it
  if (held) [...box.querySelectorAll("button")].find((button) => button.value === held)?.focus({ preventScroll: true })
}
