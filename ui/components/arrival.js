// A visitor who comes from another page begins at the top of this one, and sees it: browsers keep the
// place where the page before was left, and a list of pages that covers a narrow window stays open.

const NARROW = 768 // pixels, below which Streamlit lays the list over the page

export default function ({ data: [data] }) {
  const before = window.nncorePage
  window.nncorePage = data.page
  if (before === undefined || before === data.page) return
  const main = document.querySelector("[data-testid=stMain]")
  if (main) main.scrollTop = 0
  const list = document.querySelector('[data-testid=stSidebar][data-collapsed="false"]')
  if (list && innerWidth < NARROW) list.querySelector("[data-testid=stSidebarCollapseButton] button")?.click()
}
