// The address of this page as it stands in the browser, to be copied; and, where "For a class" is
// open, with what that class shall not see.

function render({ data: [data], parentElement: root }) {
  const box = root.querySelector(".share")
  const same = JSON.stringify(data)
  if (root.same !== same) {
    build(box, data)
    root.same = same // else what has been chosen stays
  }
  box.update()
}

function html(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)
  return element
}

function build(box, { groups, hidden, present, text }) {
  const link = html("input", { type: "text", readOnly: true, spellcheck: false })
  link.setAttribute("aria-label", text.link)
  const copy = html("button", { type: "button", textContent: text.copy }) // says "Copied" itself: nothing moves
  copy.setAttribute("aria-live", "polite")
  const said = html("p", { className: "said" })
  said.setAttribute("role", "status")
  const tick = (checked) => html("input", { type: "checkbox", checked })
  const hides = groups.map(({ id, name }) => ({ id, name, field: tick(hidden.includes(id)) }))
  const presents = tick(present)
  const forClass = html("details", {},
    html("summary", { textContent: text.class }),
    html("fieldset", {}, html("legend", { textContent: text.hide }),
      ...hides.map(({ name, field }) => html("label", {}, field, name))),
    html("label", {}, presents, text.present),
    html("p", { textContent: text.note }))
  box.replaceChildren(html("div", { className: "row" }, link, copy), said, forClass)

  box.update = () => {
    const url = new URL(location.href)
    url.hash = ""
    url.pathname = url.pathname.replace(/^\/~\/\+\//, "/") // the frame that one host puts around an app
    if (forClass.open) {
      const away = hides.filter(({ field }) => field.checked).map(({ id }) => id)
      set(url, "hide", away.join())
      set(url, "present", presents.checked ? "1" : "")
      url.searchParams.delete("done")
    }
    const address = url.href.replaceAll("%2C", ",")
    if (link.value === address) return
    link.value = address
    said.textContent = ""
    copy.textContent = text.copy
  }
  forClass.ontoggle = box.update
  forClass.onchange = box.update
  link.onfocus = () => link.select()
  copy.onclick = async () => {
    box.update()
    const done = await copied(link)
    copy.textContent = done ? text.copied : text.copy
    said.textContent = done ? "" : text.by_hand
  }
}

function set(url, name, value) {
  if (value) url.searchParams.set(name, value)
  else url.searchParams.delete(name)
}

async function copied(link) {
  try {
    await navigator.clipboard.writeText(link.value) // not there, or not allowed, on an unsafe host
    return true
  } catch {
    link.focus()
    link.select()
    return document.execCommand("copy")
  }
}
