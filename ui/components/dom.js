// Makes an element with its properties, its attributes and its children; those that are null are none.
function el(name, properties = {}, ...children) {
  const { attributes = {}, ...own } = properties
  const element = Object.assign(document.createElement(name), own)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}
