/** The bot's commands: suggested while "/" is typed, or all of them from the menu button. */

import { el } from "./dom.js";
import { t } from "./words.js";

/** A list of suggestions for a text field, the focus stays in the field. */
export class CommandList {
  /** @type {import("./types.js").Command[]} */
  #shown = [];
  #active = -1;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {(command: string) => void} onChoose gets "/command"
   */
  constructor(field, onChoose) {
    this.field = field;
    this.onChoose = onChoose;
    this.element = el("ul", {
      class: "commands", id: "commands", role: "listbox", "aria-label": t("commands"), hidden: true,
    });
    field.setAttribute("aria-controls", "commands");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Suggest what fits the text typed so far. @param {import("./types.js").Command[]} commands */
  suggest(commands) {
    const typed = /^\/(\w*)$/.exec(this.field.value);
    if (typed) this.#show(commands.filter(({ command }) => command.startsWith(typed[1].toLowerCase())), 0);
    else this.hide();
  }

  /** Show or hide all commands. @param {import("./types.js").Command[]} commands */
  toggle(commands) {
    if (this.isOpen) this.hide();
    else this.#show(commands, -1);
  }

  hide() {
    this.#show([], -1);
  }

  /** Keys that belong to the list while it is open. @param {KeyboardEvent} event @returns {boolean} whether it was one */
  takeKey(event) {
    if (!this.isOpen) return false;
    const count = this.#shown.length;
    const chosen = this.#shown[this.#active];
    if (event.key === "ArrowDown") this.#activate((this.#active + 1) % count);
    else if (event.key === "ArrowUp") this.#activate((this.#active - 1 + count) % count);
    else if (event.key === "Escape") this.hide();
    else if (event.key === "Tab" && chosen && this.field.value) this.field.value = `/${chosen.command} `;
    else if (event.key === "Enter" && !event.shiftKey && chosen) this.#choose(chosen);
    else return false;
    if (event.key === "Tab") this.hide();
    event.preventDefault();
    return true;
  }

  #show(commands, active) {
    this.#shown = commands;
    this.element.replaceChildren(...commands.map((command, index) => this.#option(command, index)));
    this.element.hidden = commands.length === 0;
    this.#activate(commands.length > 0 ? active : -1);
  }

  #option(command, index) {
    const name = el("span", { class: "command-name" }, `/${command.command}`);
    const onpointerdown = (event) => event.preventDefault(); // the field keeps the focus
    const props = { id: `command-${index}`, role: "option", class: "command", "aria-selected": "false", onpointerdown };
    return el(
      "li",
      { ...props, onclick: () => this.#choose(command) },
      name,
      el("span", { class: "command-text" }, command.description),
    );
  }

  #activate(index) {
    this.#active = index;
    [...this.element.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = this.element.children[index];
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  #choose({ command }) {
    this.hide();
    this.onChoose(`/${command}`);
  }
}
