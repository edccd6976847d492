// Elements. Text goes in as text nodes only: nothing from the chain is ever parsed as markup.
import { short } from './format.js';

export const $ = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'style') Object.entries(value).forEach(([property, text]) => node.style.setProperty(property, text));
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A hash or address: short, whole on hover, copied on click. */
export function code(hex) {
  const node = element('code', { title: `${hex}\nclick to copy`, tabindex: '0' }, short(hex));
  node.addEventListener('click', () => navigator.clipboard?.writeText(hex));
  return node;
}

export const cell = (className, ...children) => element('td', { class: className || undefined }, ...children);

/** Replaces the children of a node, unless they are what they were: a reader's selection survives. */
export function fill(id, children) {
  const node = $(id);
  const next = element('div', {}, ...children);
  if (
    next.textContent !== node.dataset.text ||
    node.childElementCount !== next.childElementCount ||
    node.dataset.shape !== shapeOf(next)
  ) {
    node.dataset.text = next.textContent;
    node.dataset.shape = shapeOf(next);
    node.replaceChildren(...next.childNodes);
  }
}

const shapeOf = (node) =>
  [...node.querySelectorAll('[style],[class]')]
    .map((part) => `${part.getAttribute('style') ?? ''}|${part.className}`)
    .join(';');
