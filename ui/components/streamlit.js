// Streamlit calls this for a new place on the page, and again in the same place for every change of data or
// theme. While the script was on its way some of these may have been overtaken: it calls for them all the
// same, and then ends each at once, though the next stands in that place, or the place has left the page.

export default (told) => {
  const { parentElement: root } = told
  if (!root.isConnected) return
  const turn = (root.turn = (root.turn ?? 0) + 1)
  const end = render(told)
  return () => root.turn === turn && end?.()
}
