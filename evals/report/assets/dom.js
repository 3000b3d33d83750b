// Everything untrusted becomes text here and nowhere else: no markup is ever parsed.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const visible = (text) =>
  text.replace(HIDDEN, (c) => `⟦U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟧`);

function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : name.startsWith("aria-") ? visible(value) : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined) continue;
    node.append(child instanceof Node ? child : document.createTextNode(visible(String(child))));
  }
  return node;
}

const bdi = (text, kind) => el("bdi", { class: kind }, text);
const byId = (id) => document.getElementById(id);
const replace = (node, ...children) => node.replaceChildren(...children.flat().filter((c) => c !== null));
const words = (name) => name.replaceAll("_", " ");
const say = (text) => replace(byId("status"), document.createTextNode(visible(text)));

function later(milliseconds, action) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), milliseconds);
  };
}
