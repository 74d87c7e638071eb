/** Pop-up menus. */

import { el, icon } from "./dom.js";

const GAP_PX = 6;

/** An entry. @typedef {{label: string, icon?: string, onSelect: () => void, isDanger?: boolean, checked?: boolean}} Item */

/**
 * Open a menu beside a button or at a point. Arrow keys move, Enter selects, Escape closes and gives the focus back.
 *
 * @param {HTMLElement} anchor
 * @param {string} label
 * @param {Item[]} items
 * @param {{head?: HTMLElement, at?: {x: number, y: number}}} [options] something above the entries; where to open
 */
export function openMenu(anchor, label, items, { head, at } = {}) {
  const entries = items.map((item) => entry(item, close));
  const menu = el("div", { class: "menu", role: "menu", "aria-label": label, popover: "auto" }, head ?? null, ...entries);
  const focusable = () => [...menu.querySelectorAll("button")];

  function close() {
    menu.hidePopover();
  }

  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    const { activeElement, body } = document;
    if (menu.contains(activeElement) || activeElement === body) anchor.focus({ preventScroll: true });
    menu.remove();
  });
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Tab") close();
    if (!step) return;
    event.preventDefault();
    const all = focusable();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  head?.addEventListener("click", close);
  document.body.append(menu);
  menu.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  place(menu, at ?? corner(anchor));
  focusable()[0]?.focus({ preventScroll: true });
}

function entry({ label, icon: name, onSelect, isDanger, checked }, close) {
  const onclick = () => {
    close();
    onSelect();
  };
  const role = checked === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": String(checked) };
  const props = { type: "button", class: `menu-item${isDanger ? " danger" : ""}`, onclick, ...role };
  return el("button", props, name ? icon(name) : null, el("span", {}, label), checked ? icon("check") : null);
}

/** Where a menu of this anchor starts: above it in the lower half of the screen, below it in the upper. */
function corner(anchor) {
  const { left, top, bottom, right } = anchor.getBoundingClientRect();
  const isLow = top > innerHeight / 2;
  return { x: left > innerWidth / 2 ? right : left, y: isLow ? top - GAP_PX : bottom + GAP_PX };
}

/** Grow away from the nearest edges, and stay on the screen. */
function place(menu, { x, y }) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = x > innerWidth / 2 ? x - width : x;
  const top = y > innerHeight / 2 ? y - height : y;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}
