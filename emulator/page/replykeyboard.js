/** The keyboard of buttons that a bot puts in place of the phone's own. */

import { el, icon } from "./dom.js";
import { chooseContact } from "./attach.js";
import { toast } from "./dialogs.js";
import { chooseLocation } from "./location.js";
import { t } from "./words.js";

const ICONS = { request_location: "pin", request_contact: "person" };

/**
 * @param {import("./types.js").ReplyKeyboard} keyboard
 * @param {import("./session.js").Session} session
 * @param {() => void} onUsed called when a button sent something
 */
export function replyKeyboard(keyboard, session, onUsed) {
  const rows = keyboard.keyboard.map((row) => el(
    "div",
    { class: "reply-row" },
    ...row.map((one) => button(one, session, onUsed)),
  ));
  const shape = keyboard.resize_keyboard ? "" : " tall";
  return el("div", { class: `reply-keyboard${shape}`, role: "group", "aria-label": t("bot_keyboard") }, ...rows);
}

function button(one, session, onUsed) {
  const { text, style, ...kind } = typeof one === "string" ? { text: one } : one;
  const request = Object.keys(kind)[0];
  const name = ICONS[request];
  const onclick = () => press(request, text, session, onUsed);
  return el(
    "button",
    { type: "button", class: `reply-button${style ? ` style-${style}` : ""}`, onclick },
    name ? icon(name) : null,
    el("span", {}, text),
  );
}

function press(request, text, session, onUsed) {
  if (request === "request_location") chooseLocation(session.api.send);
  else if (request === "request_contact") chooseContact(session);
  else if (request) toast(t("button_not_supported"));
  else {
    session.actions.sendText(text);
    onUsed();
  }
}
