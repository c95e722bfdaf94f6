// A visitor who comes from another page begins at the top of this one, and sees it: Streamlit keeps the
// place where the page before was left, and a list of pages that covers a narrow window stays open. And
// from there one step back leads to the page before as it was left, at the place where it was left.

const NARROW = 768 // pixels, below which Streamlit lays the list over the page
const SOON = 2000 // milliseconds from a page's settings to the next page, where no link leads to it
const LATE = 3000 // milliseconds in which a page becomes as long as it is, once the server has answered
const LATEST = 20000 // milliseconds after which it is left alone, whoever still works on it
const PATIENCE = 1000 // milliseconds for the server to answer, before it is asked for another page

function render({ data: [data] }) {
  window.nncoreHistory ??= keepWhatWasLeft()
  window.nncorePointer ??= keepPointer()
  const before = window.nncorePage
  window.nncorePage = data.page
  if (before === undefined || before === data.page) return
  window.nncoreHistory.arrive()
  const list = document.querySelector('[data-testid=stSidebar][data-collapsed="false"]')
  if (list && innerWidth < NARROW) list.querySelector("[data-testid=stSidebarCollapseButton] button")?.click()
}

// Where the pointer is, for components: what has come to lie under a resting one is not what it points at.
function keepPointer() {
  const pointer = { at: "" }
  for (const type of ["pointermove", "pointerdown"]) {
    const note = ({ clientX, clientY }) => (pointer.at = `${clientX},${clientY}`)
    addEventListener(type, note, { capture: true, passive: true })
  }
  return pointer
}

// Streamlit takes the settings of a page out of the address before it turns to the next, and a page may
// write its own there as it opens: entries in the browser's history that nobody made, and the first shows
// the page as if nothing had been chosen on it. Each is written over. And what was chosen on the next page
// before, it puts into the address of the one that is left: that is left out. A choice is no entry by
// itself, so neither are settings that come and go with it, as those of another part of a page; whatever
// else a visitor does is one entry at most.
function keepWhatWasLeft() {
  const push = history.pushState, replace = history.replaceState
  const places = keepPlaces(), turns = takeTurns()
  let taken = -Infinity // when settings were taken out of the address
  let acted = false // whether the visitor did anything on this page that is not in the history yet
  let leaves = false // whether that was to follow a link to another
  let travels = false // whether they went back or forth since
  for (const type of ["pointerdown", "keydown", "click"]) {
    addEventListener(type, (event) => {
      ;[taken, acted, leaves, travels] = [-Infinity, true, type === "click" && isWayOut(event), false]
      if (leaves) turns.giveUp()
      places.note()
    }, true)
  }
  addEventListener("popstate", (event) => {
    if (!event.isTrusted) return // of `turns`
    ;[taken, acted, leaves, travels] = [-Infinity, false, false, true]
    places.find(event.state)
    turns.take(event)
  }, true)
  passLink()
  history.replaceState = (state, title, address) => {
    if (turns.waits()) return
    acted = false
    replace.call(history, places.marked(state), title, address)
  }
  history.pushState = (state, title, address) => {
    const next = new URL(address ?? location, location), now = new URL(location)
    const turn = next.pathname !== now.pathname
    if (turns.waits() || (turn && travels)) return
    const leaving = performance.now() - taken < (leaves ? Infinity : SOON)
    const less = !turn && isLess(next.searchParams, now.searchParams)
    if (leaves && !turn && !less) return // settings of the next page, which has the address in a moment
    const over = leaving || (!turn && (!acted || isSameButPlace(next.searchParams, now.searchParams)))
    if (turn) [taken, acted, leaves] = [-Infinity, false, false]
    else if (!leaving && less) taken = performance.now()
    if (over) return replace.call(history, places.marked(state), title, address)
    acted = false
    places.leave()
    push.call(history, places.marked(state), title, address)
  }
  return { ...places, arrive: () => turns.waits() || places.arrive() }
}

// Where each entry of the history was scrolled to when it was left; the page scrolls within the window, so
// browsers do not know. Who goes back to one is brought there, unless they are on their way themselves.
function keepPlaces() {
  const main = () => document.querySelector("[data-testid=stMain]")
  const tops = new Map()
  let here = history.state?.entry ?? 0, wanted = 0
  const note = () => tops.set(here, main()?.scrollTop)
  let held = null
  // Go to a place again and again while the page around it grows, until the visitor does anything.
  const hold = (go) => {
    const theirs = (held = new AbortController()), began = performance.now()
    let answered = began
    for (const type of ["wheel", "pointerdown", "keydown", "touchstart"]) {
      addEventListener(type, () => theirs.abort(), { capture: true, passive: true, signal: theirs.signal })
    }
    const again = () => {
      if (theirs.signal.aborted) return
      go()
      const now = performance.now()
      if (isAnswering()) answered = now
      if (now < Math.min(answered + LATE, began + LATEST)) requestAnimationFrame(again)
      else theirs.abort()
    }
    again()
  }
  return {
    find(state) {
      held?.abort()
      note()
      here = state?.entry ?? 0
      wanted = tops.get(here) ?? 0
    },
    note, // when something is done: when the next page is named, this one is gone already
    marked: (state) => ({ ...state, entry: here }),
    leave() {
      here = Date.now() // a name that no entry has, also not one from before a reload
      wanted = 0
    },
    arrive() {
      const top = wanted
      wanted = 0
      if (top) hold(() => main() && (main().scrollTop = top))
      else if (main()) main().scrollTop = 0
    },
    // For a component that the visitor is led to, unless they are brought back to a place of their own.
    lead: (go) => held?.signal.aborted === false || hold(go),
  }
}

// Who goes back twice at once is past the first page when the server answers for it. Streamlit would turn
// to that one as if a link led there, and what lay ahead were gone; or put its settings into the address of
// the second. So the server is asked for a page when it has answered for the one before, and what it says
// of that is left out.
function takeTurns() {
  let asked = -Infinity // when the server was asked for a page, until it begins to answer
  let since = null // when it was to be asked for the next, until it is
  new MutationObserver(() => isAnswering() && (asked = -Infinity)).observe(document.body, {
    subtree: true,
    attributeFilter: ["data-test-script-state"],
  })
  const isBusy = () => isAnswering() || performance.now() - asked < PATIENCE
  const ask = () => {
    if (since === null) return
    if (isBusy() && performance.now() - since < PATIENCE) return void setTimeout(ask, 20)
    since = null
    asked = performance.now()
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
  }
  return {
    waits: () => since !== null,
    giveUp: () => (since = null),
    take(event) {
      if (since !== null) return event.stopImmediatePropagation()
      if (!isBusy()) return void (asked = performance.now())
      event.stopImmediatePropagation()
      since = performance.now()
      ask()
    },
  }
}

// A link that names choices by their ids is an entry of its own below the page that it opens, and so is
// what the page writes before this script is there. Going back leads past them; not past what a visitor
// may have made, who was quicker than this script or has loaded the page anew.
function passLink() {
  if (!window.navigation?.currentEntry) return
  const [{ name, type } = {}] = performance.getEntriesByType("navigation")
  if (type !== "navigate" || name === location.href) return
  const before = navigation.entries().slice(0, navigation.currentEntry.index)
  const opened = before.length, link = before.findLastIndex(({ url }) => url === name)
  const isOfIt = ({ url, sameDocument }) => sameDocument && new URL(url).pathname === location.pathname
  if (link < 0 || !before.slice(link).every(isOfIt)) return
  navigation.addEventListener("currententrychange", ({ from }) => {
    const { index } = navigation.currentEntry
    if (from.index === opened && index >= link && index < opened) history.go(link - 1 - index)
  })
}

const isAnswering = () =>
  document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running"

const isLess = (some, all) =>
  some.size < all.size && [...some].every(([name, value]) => all.getAll(name).includes(value))

// Where a replay stands is in the address, too; it is no step of the history, as a page's scrolling is none.
const isSameButPlace = (...both) => {
  const [next, now] = both.map((all) => [...all].filter(([name]) => name !== "at").sort().join("&"))
  return next === now
}

const isWayOut = ({ target, button, ctrlKey, metaKey, shiftKey }) => {
  const link = target.closest?.("a[href]")
  return link && !link.target && !button && !ctrlKey && !metaKey && !shiftKey && link.pathname !== location.pathname
}
