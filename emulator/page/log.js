/** The list of messages: grouped by day, albums together, kept at its end while the reader is there. */

import { byId, el, icon } from "./dom.js";
import { bubble } from "./message.js";
import { day, dayKey, t } from "./words.js";

const NEAR_END_PX = 80;
const DAY_SHOWN_MS = 1200;

/** A bubble in the list. @typedef {{key: string, ids: number[], element: HTMLElement}} Block */

/** Shows the messages of a session's store in the page's log. */
export class Log {
  #root = byId("log");
  #toBottom = byId("to-bottom");
  /** @type {Block[]} */
  #blocks = [];
  #unread = 0;
  #isAtEnd = true;
  #dayTimer = 0;

  constructor() {
    this.#root.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#root.addEventListener("scroll", () => this.#showDays(), { passive: true });
    this.#toBottom.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#isAtEnd && this.toEnd()).observe(this.#root);
  }

  /** Show another chat once it is loaded. @param {import("./session.js").Session} session */
  open(session) {
    this.session = session;
    const { store } = session;
    store.addEventListener("loaded", () => this.#showAll());
    store.addEventListener("message", ({ detail }) => this.#put(detail.message, detail.isNew));
    store.addEventListener("deleted", ({ detail }) => this.#remove(detail));
    store.addEventListener("reaction", ({ detail }) => this.#redraw(detail));
  }

  /** Scroll to a message and point it out. @param {number} id */
  show(id) {
    const block = this.#blocks.find(({ ids }) => ids.includes(id));
    if (!block) return;
    block.element.scrollIntoView({ block: "center" });
    block.element.classList.add("pointed");
    setTimeout(() => block.element.classList.remove("pointed"), 1600);
    block.element.focus({ preventScroll: true });
  }

  /** Scroll to the latest message. */
  toEnd() {
    this.#root.scrollTop = this.#root.scrollHeight;
    this.#scrolled();
  }

  #showAll() {
    const { store } = this.session;
    this.#root.setAttribute("aria-label", t("messages"));
    this.#root.setAttribute("aria-busy", "true");
    this.#root.classList.add("quiet");
    this.#root.replaceChildren();
    this.#blocks = [];
    for (const message of [...store.messages.values()].sort((a, b) => a.message_id - b.message_id)) this.#place(message);
    this.#welcome();
    this.toEnd();
    this.#root.removeAttribute("aria-busy");
    requestAnimationFrame(() => this.#root.classList.remove("quiet"));
  }

  #welcome() {
    this.#root.querySelector(".welcome")?.remove();
    if (this.#blocks.length > 0) return;
    const { bot } = this.session;
    this.#root.append(el("div", { class: "welcome" }, el("strong", {}, bot.first_name), el("p", {}, t("welcome"))));
  }

  #put(message, isNew) {
    const isMine = message.from?.id === this.session.me.id;
    const wasAtEnd = this.#isAtEnd;
    this.#place(message);
    this.#welcome();
    if (wasAtEnd || (isNew && isMine)) this.toEnd();
    else if (isNew) {
      this.#unread += 1;
      this.#scrolled();
    }
  }

  /** Draw a message where it belongs: in its album, in place of its earlier version, or at the end of its day. */
  #place(message) {
    const key = message.media_group_id ? `album-${message.media_group_id}` : `message-${message.message_id}`;
    const known = this.#blocks.find((block) => block.key === key);
    if (known) {
      if (!known.ids.includes(message.message_id)) known.ids.push(message.message_id);
      this.#draw(known);
      return;
    }
    const block = { key, ids: [message.message_id], element: this.#bubble([message.message_id]) };
    const index = this.#blocks.findLastIndex(({ ids }) => ids[0] < message.message_id) + 1;
    const next = this.#blocks[index];
    this.#blocks.splice(index, 0, block);
    const section = this.#day(message.date);
    section.insertBefore(block.element, next?.element.parentElement === section ? next.element : null);
  }

  #bubble(ids) {
    return bubble(ids.sort((a, b) => a - b).map((id) => this.session.store.messages.get(id)), this.session);
  }

  #draw(block) {
    const old = block.element;
    const parts = (element) => [...element.querySelectorAll("button, a")];
    const focused = parts(old).indexOf(document.activeElement);
    block.element = this.#bubble(block.ids);
    block.element.classList.add("redrawn");
    old.replaceWith(block.element);
    if (focused >= 0) (parts(block.element)[focused] ?? block.element).focus({ preventScroll: true });
  }

  #redraw(id) {
    const block = this.#blocks.find(({ ids }) => ids.includes(id));
    if (!block) return;
    const wasAtEnd = this.#isAtEnd;
    this.#draw(block);
    if (wasAtEnd) this.toEnd();
  }

  #remove(id) {
    const block = this.#blocks.find(({ ids }) => ids.includes(id));
    if (!block) return;
    block.ids = block.ids.filter((one) => one !== id);
    if (block.ids.length > 0) {
      this.#draw(block);
      return;
    }
    const section = block.element.parentElement;
    if (block.element.contains(document.activeElement)) this.#root.focus({ preventScroll: true });
    block.element.remove();
    this.#blocks.splice(this.#blocks.indexOf(block), 1);
    if (!section.querySelector("article")) section.remove();
    this.#welcome();
  }

  #day(seconds) {
    const date = new Date(seconds * 1000);
    const key = dayKey(date);
    const sections = [...this.#root.querySelectorAll(".day")];
    const found = sections.find(({ dataset }) => dataset.day === key);
    if (found) return found;
    const section = el(
      "section",
      { class: "day", "data-day": key, "aria-label": day(date) },
      el("h2", { class: "day-label" }, day(date)),
    );
    this.#root.insertBefore(section, sections.find(({ dataset }) => dataset.day > key) ?? null);
    return section;
  }

  /** While one looks through older messages, their day stays in sight. */
  #showDays() {
    for (const label of this.#root.querySelectorAll(".day-label")) {
      label.classList.toggle("stuck", label.offsetTop - label.parentElement.offsetTop > label.offsetHeight);
    }
    this.#root.classList.toggle("scrolling", !this.#isAtEnd);
    clearTimeout(this.#dayTimer);
    this.#dayTimer = setTimeout(() => this.#root.classList.remove("scrolling"), DAY_SHOWN_MS);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#root;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#isAtEnd) this.#unread = 0;
    this.#toBottom.hidden = this.#isAtEnd;
    this.#toBottom.replaceChildren(icon("down"), this.#unread ? el("span", { class: "badge" }, String(this.#unread)) : "");
    this.#toBottom.setAttribute("aria-label", this.#unread ? `${t("to_newest")} (${this.#unread})` : t("to_newest"));
  }
}
