// A table of answers. Names of files are set as text only.


function render({ data: [data], parentElement: root, setTriggerValue }) {
  const box = root.querySelector(".answers"), held = root.activeElement?.value
  const pick = (id) => {
    if (id === data.at) return
    setTriggerValue("pick", id)
    // What changes stands above, and out of sight of the lower rows.
    document.querySelector(".st-key-answer")?.scrollIntoView({ block: "nearest", behavior: pace() })
  }
  const rows = data.rows.map((row) => {
    const radio = el("input", { type: "radio", name: "row", value: row.id, checked: row.id === data.at })
    radio.onchange = () => pick(row.id)
    const name = el("span", { className: "name", textContent: row.name, title: row.name })
    const sign = el("span", { className: "sign", ariaHidden: "true", textContent: row.second ? "●" : "○" })
    const line = el("tr", { className: row.id === data.at ? "at" : "" },
      el("td", {}, el("img", { src: row.picture, alt: row.alt, width: 40, height: 40 })),
      el("td", { className: "file" }, el("label", {}, radio, name)),
      el("td", { className: row.second ? "second" : "first" }, sign, el("span", { textContent: row.answer })),
      el("td", { className: "number", textContent: row.probability }),
      el("td", { className: "number", textContent: row.steady }))
    line.onclick = (event) => event.target.closest("label") || pick(row.id)
    return line
  })
  const head = data.head.map((title) => el("th", { scope: "col", textContent: title }))
  box.replaceChildren(el("table", {}, el("caption", { textContent: data.caption }),
    el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)))
  if (held) [...box.querySelectorAll("input")].find((input) => input.value === held)?.focus({ preventScroll: true })
}
