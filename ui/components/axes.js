// What charts share: labels beside the ends of lines, and round steps along an axis.

// Moves places apart until labels of this height fit, in the order of their lines: down from the top,
// then up from the bottom.
function keepApart(wanted, top, bottom, height) {
  const order = [...wanted.keys()].sort((a, b) => wanted[a] - wanted[b])
  const places = order.map((i) => Math.max(top, wanted[i]))
  for (let k = 1; k < places.length; k++) places[k] = Math.max(places[k], places[k - 1] + height)
  for (let k = places.length - 1; k >= 0; k--) {
    places[k] = Math.min(places[k], k === places.length - 1 ? bottom : places[k + 1] - height)
  }
  const placed = []
  order.forEach((i, k) => (placed[i] = places[k]))
  return placed
}

// The smallest of 1, 2 or 5 times a power of ten that is not below this.
function roundStep(least) {
  const unit = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((m) => m * unit).find((step) => step >= least * (1 - 1e-9))
}
