/** What can be done with a message. */

import { el } from "./dom.js";
import { confirmDialog, explain, toast } from "./dialogs.js";
import { copy } from "./keyboard.js";
import { openMenu } from "./menu.js";
import { t } from "./words.js";

const REACTIONS = ["👍", "❤", "🔥", "🎉", "🤔", "😢"];

/** An emoji with its coloured form asked for. @param {string} emoji */
export function coloured(emoji) {
  return emoji === "❤" ? "❤\u{fe0f}" : emoji;
}

/**
 * @param {import("./session.js").Session} session
 * @param {import("./types.js").Message} message
 * @param {HTMLElement} anchor
 * @param {{x: number, y: number}} [at] where to open, if not beside the anchor
 */
export function openMessageMenu(session, message, anchor, at) {
  const text = message.text ?? message.caption;
  const isMine = message.from?.id === session.me.id;
  const items = [
    { label: t("reply"), icon: "reply", onSelect: () => session.compose.replyTo(message) },
    text && { label: t("copy_text"), icon: "copy", onSelect: () => copy(text) },
    isMine && text && { label: t("edit"), icon: "edit", onSelect: () => session.compose.edit(message) },
    { label: t("delete"), icon: "bin", isDanger: true, onSelect: () => remove(session, message) },
  ];
  const react = (emoji) => el(
    "button",
    {
      type: "button",
      role: "menuitem",
      "aria-label": `${t("react")} ${emoji}`,
      onclick: () => session.actions.react(message, emoji),
    },
    coloured(emoji),
  );
  const head = el("div", { class: "menu-reactions", role: "group", "aria-label": t("react") }, ...REACTIONS.map(react));
  openMenu(anchor, t("message_actions"), items.filter(Boolean), { head, at });
}

function remove(session, message) {
  confirmDialog(t(session.isGroup ? "delete_for_all_question" : "delete_question"), t("delete"), () => {
    session.api.remove(message.message_id).catch((error) => toast(explain(error)));
  });
}
