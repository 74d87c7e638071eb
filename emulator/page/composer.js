/** The foot of the chat: the field to write in, or START, or RESTART where the bot is blocked; and the bot's keyboard. */

import { byId, el, icon, iconButton } from "./dom.js";
import { openAttachMenu } from "./attach.js";
import { CommandList } from "./commands.js";
import { explain, toast } from "./dialogs.js";
import { nameOf, summary } from "./message.js";
import { replyKeyboard } from "./replykeyboard.js";
import { t } from "./words.js";

const LONGEST_TEXT = 4096;

/** The composer of one session; draws itself into the page's footer. */
export class Composer {
  #root = byId("composer");
  /** The message answered to or edited. @type {{kind: "reply" | "edit", message: import("./types.js").Message} | null} */
  #context = null;
  #hasKeyboardOpen = true;
  #mode = "";

  /**
   * @param {import("./session.js").Session} session
   * @param {string} startPayload what START sends along, as a t.me link's `start` does; START waits until it is pressed
   */
  constructor(session, startPayload) {
    this.session = session;
    this.startPayload = session.isGroup ? "" : startPayload;
    this.#build();
    const { store } = session;
    for (const name of ["loaded", "blocked", "message", "deleted"]) store.addEventListener(name, () => this.#choose());
    store.addEventListener("commands", () => this.#showCommands());
    store.addEventListener("keyboard", () => {
      this.#hasKeyboardOpen = true;
      this.#showKeyboard();
    });
  }

  /** Put the cursor where one goes on. */
  focus() {
    (this.#mode === "open" ? this.field : this.#root.querySelector("button"))?.focus();
  }

  /** @param {import("./types.js").Message} message */
  replyTo(message) {
    this.#setContext("reply", message);
  }

  /** @param {import("./types.js").Message} message */
  edit(message) {
    this.#setContext("edit", message);
    this.field.value = message.text ?? message.caption ?? "";
    this.#typed();
  }

  #build() {
    const { session } = this;
    this.field = el("textarea", {
      class: "message-field",
      rows: 1,
      maxlength: LONGEST_TEXT,
      "aria-label": t("message"),
      autocomplete: "off",
      enterkeyhint: "send",
    });
    this.list = new CommandList(this.field, (command) => this.#sendCommand(command));
    this.bar = el("div", { class: "context-bar", hidden: true });
    this.menuButton = el(
      "button",
      {
        type: "button",
        class: "menu-button",
        "aria-label": t("commands"),
        title: t("commands"),
        onclick: () => this.list.toggle(session.store.commands),
      },
      icon("menu"),
    );
    this.attachButton = iconButton(
      "attach",
      t("attach"),
      ({ currentTarget }) => openAttachMenu(currentTarget, session),
      { "aria-haspopup": "menu" },
    );
    this.keyboardButton = iconButton("keyboard", t("bot_keyboard"), () => this.#toggleKeyboard());
    this.sendButton = iconButton("send", t("send"), null, { type: "submit", class: "icon-button send" });
    const pill = el("div", { class: "pill" }, this.menuButton, this.field, this.keyboardButton, this.attachButton);
    this.form = el(
      "form",
      { class: "compose" },
      this.list.element,
      this.bar,
      el("div", { class: "compose-row" }, pill, this.sendButton),
    );
    this.keyboard = el("div", { class: "keyboard-place" });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("blur", () => this.list.hide());
    this.field.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Show what fits the state of the chat: START, RESTART, or the field. */
  #choose() {
    const { store } = this.session;
    const isNew = this.startPayload || (store.messages.size === 0 && !this.session.isGroup);
    const mode = store.isBlocked ? "blocked" : isNew ? "new" : "open";
    if (mode !== this.#mode) {
      const hadFocus = this.#root.contains(document.activeElement);
      this.#mode = mode;
      this.#root.replaceChildren(...this.#contents(mode));
      if (hadFocus) this.focus();
    }
    this.#showCommands();
    this.#showKeyboard();
  }

  #contents(mode) {
    const { actions } = this.session;
    if (mode === "new") return [bigButton(t("start"), () => this.#start())];
    if (mode === "blocked") return [bigButton(t("restart"), actions.restart)];
    return [this.form, this.keyboard];
  }

  async #start() {
    await this.session.actions.sendText(`/start ${this.startPayload}`.trim());
    if (!this.startPayload) return;
    this.startPayload = "";
    history.replaceState(null, "", `/?user=${this.session.me.id}`);
    this.#choose();
  }

  #showCommands() {
    this.menuButton.hidden = this.session.store.commands.length === 0;
    if (this.list.isOpen) this.list.suggest(this.session.store.commands);
  }

  #showKeyboard() {
    const { replyKeyboard: layout } = this.session.store;
    const isShown = layout !== null && this.#hasKeyboardOpen;
    const hadFocus = this.keyboard.contains(document.activeElement);
    const onUsed = () => layout.one_time_keyboard && this.#toggleKeyboard();
    this.keyboard.replaceChildren(...(isShown ? [replyKeyboard(layout, this.session, onUsed)] : []));
    this.keyboardButton.hidden = layout === null;
    this.keyboardButton.setAttribute("aria-expanded", String(isShown));
    this.field.placeholder = layout?.input_field_placeholder || t("message");
    if (hadFocus && !isShown) this.field.focus();
  }

  #toggleKeyboard() {
    this.#hasKeyboardOpen = !this.#hasKeyboardOpen;
    this.#showKeyboard();
  }

  #typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.list.suggest(this.session.store.commands);
  }

  #key(event) {
    if (event.isComposing || this.list.takeKey(event)) return;
    if (event.key === "Escape" && this.#context) this.#setContext(null);
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #sendCommand(command) {
    this.#write("");
    this.session.actions.sendText(command);
  }

  #write(text) {
    this.field.value = text;
    this.#typed();
  }

  async #submit() {
    const text = this.field.value.trim();
    const context = this.#context;
    if (!text) return;
    this.#write("");
    this.#setContext(null);
    this.field.focus();
    try {
      await this.#say(text, context);
    } catch (error) {
      if (context) this.#setContext(context.kind, context.message);
      if (!this.field.value) this.#write(text);
      toast(explain(error));
    }
  }

  #say(text, context) {
    const id = context?.message.message_id;
    const isText = context?.message.text !== undefined;
    if (context?.kind === "edit") return this.session.api.edit(id, isText ? { text } : { caption: text });
    return this.session.api.send(id ? { text, reply_to_message_id: id } : { text });
  }

  #setContext(kind, message) {
    if (this.#context?.kind === "edit" && kind !== "edit") this.#write("");
    this.#context = kind && { kind, message };
    this.bar.hidden = !kind;
    if (!kind) return;
    const title = kind === "edit" ? t("editing") : `${t("reply_to")} ${nameOf(message.from ?? this.session.bot)}`;
    const text = el("div", { class: "context-text" }, el("strong", {}, title), el("span", {}, summary(message)));
    this.bar.replaceChildren(icon(kind), text, iconButton("close", t("cancel"), () => this.#setContext(null)));
    this.field.focus();
  }
}

function bigButton(label, onclick) {
  return el("button", { type: "button", class: "big-button", onclick }, label);
}
