/** Text with its entities as elements. Offsets count UTF-16 code units, which is how JavaScript counts too. */

import { el } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Entity} Entity */
/**
 * What clicking inside a text can do.
 * @typedef {{sendText: (text: string) => void, openBot: (payload: string) => void, botUsername?: string}} TextActions
 */

const SAFE_SCHEMES = ["http:", "https:", "mailto:", "tel:"];
const BLOCKS = ["pre", "blockquote", "expandable_blockquote"];
const LONG_QUOTE_CHARACTERS = 160;

/**
 * A link's address if it is one that a page may open, else null.
 * @param {string} raw with or without a scheme
 */
export function safeUrl(raw) {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(raw) ? raw : `https://${raw}`);
    return SAFE_SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} text
 * @param {Entity[]} entities
 * @param {TextActions} actions
 * @returns {DocumentFragment}
 */
export function formatted(text, entities, actions) {
  const fragment = document.createDocumentFragment();
  const known = entities.filter(({ offset, length }) => offset >= 0 && length > 0 && offset < text.length);
  fragment.append(...nodes({ text, actions }, 0, text.length, known.sort(byPlace)));
  return fragment;
}

function byPlace(a, b) {
  return a.offset - b.offset || b.length - a.length;
}

/** The nodes of text[from:to]; entities that cross a neighbour's end are cut there and go on behind it. */
function nodes(source, from, to, entities) {
  const result = [];
  let position = from;
  let left = entities;
  while (left.length > 0) {
    const [outer, ...others] = left;
    const end = Math.min(outer.offset + outer.length, to);
    const start = Math.max(outer.offset, position);
    if (start > position) result.push(source.text.slice(position, start));
    const inside = others.filter(({ offset }) => offset < end);
    left = others.filter(({ offset }) => offset >= end).concat(inside.flatMap((entity) => beyond(entity, end)));
    left.sort(byPlace);
    result.push(element(source, outer, start, end, inside));
    position = end;
    if (BLOCKS.includes(outer.type) && source.text[position] === "\n") position += 1;
  }
  if (position < to) result.push(source.text.slice(position, to));
  return result;
}

function beyond(entity, end) {
  const length = entity.offset + entity.length - end;
  return length > 0 ? [{ ...entity, offset: end, length }] : [];
}

function element(source, entity, start, end, inside) {
  const content = nodes(source, start, end, inside);
  const text = source.text.slice(start, end);
  const make = ELEMENTS[entity.type];
  return make ? make(content, text, entity, source.actions) : el("span", {}, ...content);
}

const ELEMENTS = {
  bold: (content) => el("strong", {}, ...content),
  italic: (content) => el("em", {}, ...content),
  underline: (content) => el("u", {}, ...content),
  strikethrough: (content) => el("s", {}, ...content),
  code: (content) => el("code", {}, ...content),
  pre: (content, _text, { language }) => el(
    "pre",
    { "data-language": language || null, tabindex: 0 },
    el("code", {}, ...content),
  ),
  spoiler: (content) => spoiler(content),
  blockquote: (content) => el("blockquote", {}, ...content),
  expandable_blockquote: (content, text) => expandable(content, text),
  url: (content, text, _entity, actions) => link(content, text, actions),
  text_link: (content, _text, { url }, actions) => link(content, url ?? "", actions),
  email: (content, text, _entity, actions) => link(content, `mailto:${text}`, actions),
  phone_number: (content, text, _entity, actions) => link(content, `tel:${text.replace(/[^+\d]/g, "")}`, actions),
  bot_command: (content, text, _entity, actions) => textButton(content, () => actions.sendText(text)),
  mention: (content) => el("span", { class: "mention" }, ...content),
  text_mention: (content) => el("span", { class: "mention" }, ...content),
  hashtag: (content) => el("span", { class: "mention" }, ...content),
  cashtag: (content) => el("span", { class: "mention" }, ...content),
};

function textButton(content, onclick) {
  return el("button", { type: "button", class: "text-button", onclick }, ...content);
}

function link(content, raw, actions) {
  const url = safeUrl(raw);
  if (!url) return el("span", {}, ...content);
  const payload = startPayload(url, actions.botUsername);
  if (payload !== null) return textButton(content, () => actions.openBot(payload));
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, ...content);
}

/**
 * What t.me/<bot>?start=… sends along to this very bot, "" if nothing; null for any other link.
 *
 * @param {string} url a safe one
 * @param {string} [botUsername]
 */
export function startPayload(url, botUsername) {
  const { hostname, pathname, searchParams } = new URL(url);
  const isThisBot = hostname === "t.me" && botUsername && pathname.slice(1).toLowerCase() === botUsername.toLowerCase();
  return isThisBot ? (searchParams.get("start") ?? "") : null;
}

function spoiler(content) {
  const reveal = () => {
    hidden.classList.add("revealed");
    for (const name of ["role", "tabindex", "aria-label"]) hidden.removeAttribute(name);
  };
  const onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    reveal();
  };
  const hidden = el(
    "span",
    { class: "spoiler", role: "button", tabindex: 0, "aria-label": t("hidden_text"), onclick: reveal, onkeydown },
    el("span", {}, ...content),
  );
  return hidden;
}

function expandable(content, text) {
  const body = el("div", { class: "quote-body" }, ...content);
  const quote = el("blockquote", { class: "expandable" }, body);
  if (text.length < LONG_QUOTE_CHARACTERS && text.split("\n").length <= 3) return quote;
  const toggle = () => {
    const isOpen = quote.classList.toggle("collapsed") === false;
    button.setAttribute("aria-expanded", String(isOpen));
    button.textContent = t(isOpen ? "show_less" : "show_more");
  };
  const button = el(
    "button",
    { type: "button", class: "quote-toggle", "aria-expanded": "false", onclick: toggle },
    t("show_more"),
  );
  quote.classList.add("collapsed");
  quote.append(button);
  return quote;
}
