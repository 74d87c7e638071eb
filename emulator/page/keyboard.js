/** Inline keyboards: the buttons below a message, and what comes of pressing them. */

import { el, icon, spoken } from "./dom.js";
import { alertDialog, explain, linkDialog, toast } from "./dialogs.js";
import { safeUrl, startPayload } from "./entities.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").InlineButton} InlineButton */

const LONGEST_WAIT_MS = 20_000;

/**
 * The buttons of a message, or null.
 * @param {import("./types.js").Message} message
 * @param {import("./session.js").Session} session
 */
export function inlineKeyboard(message, session) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (rows.length === 0) return null;
  const lines = rows.map((row) => el("div", { class: "inline-row" }, ...row.map((one) => button(one, message, session))));
  return el("div", { class: "inline-keyboard", role: "group", "aria-label": t("buttons") }, ...lines);
}

/** @param {InlineButton} one */
function button(one, message, session) {
  const style = one.style ? ` style-${one.style}` : "";
  if (one.url) return urlButton(one, style, session);
  if (one.copy_text) return el(
    "button",
    { type: "button", class: `inline-button${style}`, onclick: () => copy(one.copy_text.text) },
    one.text,
    corner("copy"),
  );
  if (one.callback_data === undefined) {
    return el(
      "button",
      { type: "button", class: "inline-button", onclick: () => toast(t("button_not_supported")) },
      one.text,
    );
  }
  const key = `${message.message_id}:${one.callback_data}`;
  const onclick = () => session.presses.press(message.message_id, one.callback_data);
  const props = {
    type: "button",
    class: `inline-button${style}`,
    "data-press": key,
    onclick,
    "aria-busy": session.presses.isWaiting(key) ? "true" : null,
  };
  return el("button", props, el("span", {}, one.text), el("span", { class: "spinner", "aria-hidden": "true" }));
}

function urlButton(one, style, session) {
  const url = safeUrl(one.url);
  if (!url) return el(
    "button",
    { type: "button", class: `inline-button${style}`, onclick: () => toast(t("link_not_supported")) },
    one.text,
  );
  const payload = startPayload(url, session.bot.username);
  if (payload !== null) return el(
    "button",
    { type: "button", class: `inline-button${style}`, onclick: () => session.actions.openBot(payload) },
    one.text,
  );
  const props = { class: `inline-button${style}`, href: url, target: "_blank", rel: "noopener noreferrer", title: url };
  return el("a", props, el("span", {}, one.text), corner("link"), spoken(` (${t("opens_new_tab")})`));
}

function corner(name) {
  return el("span", { class: "corner" }, icon(name));
}

/** Put a text on the clipboard and say so. @param {string} text */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    toast(t("not_copied"));
  }
}

/** The presses that wait for the bot's answer. */
export class Presses {
  /** Timers that end a wait. @type {Map<string, number>} */
  #waiting = new Map();
  /** @type {Map<string, string>} */
  #keys = new Map();
  /** Answers that came before the emulator told their query's id. @type {Map<string, any>} */
  #early = new Map();

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    session.store.addEventListener("answer", ({ detail }) => this.#answered(detail));
  }

  /** @param {string} key message id and callback data */
  isWaiting(key) {
    return this.#waiting.has(key);
  }

  async press(messageId, data) {
    const key = `${messageId}:${data}`;
    if (this.#waiting.has(key)) return;
    this.#setWaiting(key, true);
    try {
      const { callback_query_id: id } = await this.session.api.press(messageId, data);
      this.#keys.set(id, key);
      if (this.#early.has(id)) this.#answered(this.#early.get(id));
    } catch (error) {
      this.#setWaiting(key, false);
      toast(explain(error));
    }
  }

  #answered(answer) {
    const key = this.#keys.get(answer.callback_query_id);
    if (key === undefined) {
      this.#early.set(answer.callback_query_id, answer);
      return;
    }
    this.#setWaiting(key, false);
    this.#keys.delete(answer.callback_query_id);
    if (answer.url && safeUrl(answer.url)) this.#follow(safeUrl(answer.url));
    if (answer.text) (answer.show_alert ? alertDialog : toast)(answer.text);
  }

  #follow(url) {
    const payload = startPayload(url, this.session.bot.username);
    if (payload === null) linkDialog(url);
    else this.session.actions.openBot(payload);
  }

  #setWaiting(key, isWaiting) {
    clearTimeout(this.#waiting.get(key));
    if (isWaiting) this.#waiting.set(key, setTimeout(() => this.#setWaiting(key, false), LONGEST_WAIT_MS));
    else this.#waiting.delete(key);
    for (const node of document.querySelectorAll(`[data-press="${CSS.escape(key)}"]`)) {
      if (isWaiting) node.setAttribute("aria-busy", "true");
      else node.removeAttribute("aria-busy");
    }
  }
}
