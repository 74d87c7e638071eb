/** Building elements and icons without ever parsing markup: text stays text. */

const SVG = "http://www.w3.org/2000/svg";

/** Line icons on a 24 × 24 grid. */
const ICONS = {
  attach: "M20 11.5l-8.3 8.3a5.3 5.3 0 0 1-7.5-7.5l8.5-8.5a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5l7.8-7.8",
  send: "M4 12L3 4l18 8-18 8 1-8zm0 0h8",
  back: "M15 5l-7 7 7 7",
  menu: "M5 7h14M5 12h14M5 17h14",
  dots: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  more: "M6 12v.01M12 12v.01M18 12v.01",
  down: "M6 9l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  keyboard: "M3 7h18v10H3zM7 10.5v.01M11 10.5v.01M15 10.5v.01M7 14h10",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9v.01",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  pin: "M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21zm0-8.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4.3-6 8-6s7 2 8 6",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5c.8-3.5 3.4-5.2 6.5-5.2s5.7 1.7 6.5 5.2M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.8c1.8.8 3 2.4 3.5 4.7",
  reply: "M9 6L4 11l5 5M4 11h9c4 0 7 2.5 7 7",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  bin: "M5 7h14M10 4h4M7 7l1 13h8l1-13",
  block: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM5.8 5.8l12.4 12.4",
  theme: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 7.5l4-2.2M12 12l7-4M12 16.5l6.8-4",
  link: "M8 16L16 8M10 8h6v6",
  locate: "M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM12 2v3M12 19v3M2 12h3M19 12h3M12 12v.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
};

/**
 * Create an element. Properties starting with "on" become listeners, `class` and attributes are set as such; false, null and
 * undefined are left out. Strings among the children become text nodes.
 *
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any} the element
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. @returns {any} */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A decorative icon. @param {keyof typeof ICONS} name */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/**
 * A round button that shows only an icon.
 * @param {keyof typeof ICONS} name
 * @param {string} label what it does, for screen readers and as a tooltip
 * @param {(event: Event) => void} onclick
 */
export function iconButton(name, label, onclick, props = {}) {
  return el(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...props },
    icon(name),
  );
}

/** Text for screen readers only. @param {string} text */
export function spoken(text) {
  return el("span", { class: "sr-only" }, text);
}

/** The element with this id of the page's skeleton. @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}
