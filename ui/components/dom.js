// What several components share.

// Makes an element with its properties, its attributes and its children; those that are null are none.
function el(name, properties = {}, ...children) {
  const { attributes = {}, ...own } = properties
  const element = Object.assign(document.createElement(name), own)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

// Makes an element of SVG with its attributes and its children.
function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

// How to scroll for someone who may have asked for no motion.
const pace = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth")

// What an observer of sizes has to compare: its first word comes though nothing has changed.
const sizeOf = ({ clientWidth, clientHeight }) => `${clientWidth} ${clientHeight}`
