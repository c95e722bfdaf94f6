// What charts share: labels beside the ends of lines, and round steps along an axis.

// Moves places apart until labels of this height fit, in the order of their lines and each as little as
// can be. Less the labels before it, a place may not stand above the last: those that do share their mean.
function keepApart(wanted, top, bottom, height) {
  const order = [...wanted.keys()].sort((a, b) => wanted[a] - wanted[b])
  const groups = []
  order.forEach((i, k) => {
    let group = { mean: wanted[i] - k * height, size: 1 }
    while (groups.length && groups.at(-1).mean > group.mean) {
      const { mean, size } = groups.pop(), all = size + group.size
      group = { mean: (mean * size + group.mean * group.size) / all, size: all }
    }
    groups.push(group)
  })
  const lowest = bottom - (order.length - 1) * height
  const placed = []
  groups.flatMap(({ mean, size }) => Array(size).fill(mean)).forEach((mean, k) => {
    placed[order[k]] = Math.max(top, Math.min(lowest, mean)) + k * height
  })
  return placed
}

// The smallest of 1, 2 or 5 times a power of ten that is not below this.
function roundStep(least) {
  const unit = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((m) => m * unit).find((step) => step >= least * (1 - 1e-9))
}
