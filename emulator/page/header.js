/** The head of the chat: the bot's name, what it is doing, and the chat's menu. */

import { byId, el, iconButton } from "./dom.js";
import { confirmDialog } from "./dialogs.js";
import { openMenu } from "./menu.js";
import { avatar } from "./people.js";
import { setTheme, theme } from "./theme.js";
import { t } from "./words.js";

/**
 * @param {import("./session.js").Session} session
 * @param {() => void} showPeople for narrow screens
 */
export function drawHeader(session, showPeople) {
  const { bot, store } = session;
  const status = el("p", { class: "status" });
  const show = () => {
    const doing = store.action ? t(`action_${store.action}`, {}, "action_typing") : null;
    status.classList.toggle("doing", doing !== null);
    status.replaceChildren(doing ?? t("bot"), doing ? dots() : "");
  };
  store.addEventListener("action", show);
  show();
  const menu = iconButton(
    "dots",
    t("chat_menu"),
    ({ currentTarget }) => openChatMenu(currentTarget, session),
    { "aria-haspopup": "menu" },
  );
  const back = iconButton("people", t("people"), showPeople, { class: "icon-button to-people" });
  const title = el("div", { class: "chat-title" }, el("h1", {}, bot.first_name), status);
  byId("chat-header").replaceChildren(back, avatar(bot), title, menu);
}

function dots() {
  return el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
}

function openChatMenu(anchor, session) {
  const { block, restart } = session.actions;
  const blocking = session.store.isBlocked
    ? { label: t("restart"), icon: "block", onSelect: restart }
    : {
      label: t("block"),
      icon: "block",
      isDanger: true,
      onSelect: () => confirmDialog(t("block_question"), t("block"), block),
    };
  const themes = ["auto", "light", "dark"].map((choice) => ({
    label: t(`theme_${choice}`),
    icon: "theme",
    checked: theme() === choice,
    onSelect: () => setTheme(choice),
  }));
  openMenu(anchor, t("chat_menu"), session.isGroup ? themes : [...themes, blocking]);
}
