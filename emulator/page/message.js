/** One bubble: who, what was quoted, the media, the text, when, reactions, and the buttons below. */

import { albumMedia, mediaOf } from "./media.js";
import { el, icon, iconButton, spoken } from "./dom.js";
import { formatted } from "./entities.js";
import { clock, t } from "./words.js";
import { inlineKeyboard } from "./keyboard.js";
import { coloured } from "./messagemenu.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./session.js").Session} Session */

const KINDS = ["photo", "animation", "video", "video_note", "sticker", "voice", "audio", "document", "location", "contact"];

/** A person's full name. @param {import("./types.js").User} user */
export function nameOf(user) {
  return [user.first_name, user.last_name].filter(Boolean).join(" ");
}

/** One line that says what a message is, for quotes and lists. @param {Message} message */
export function summary(message) {
  const text = message.text ?? message.caption;
  if (text) return text.replace(/\s+/g, " ").slice(0, 140);
  if (message.venue) return message.venue.title;
  const kind = KINDS.find((name) => message[name]);
  return t(kind ? `kind_${kind}` : "kind_other");
}

/**
 * A message, or the messages of one album, as one bubble.
 *
 * @param {Message[]} messages at least one; several only if they share a media_group_id
 * @param {Session} session
 * @returns {HTMLElement}
 */
export function bubble(messages, session) {
  const [first] = messages;
  const isMine = first.from?.id === session.me.id;
  const captioned = messages.find((message) => message.caption) ?? first;
  const media = messages.length > 1 ? albumMedia(messages) : mediaOf(first);
  const text = textOf(captioned, session);
  const isBare = media?.dataset.bare === "true" && !text;
  const body = el("div", { class: `bubble${media ? " has-media" : ""}${isBare ? " bare" : ""}${text ? " has-text" : ""}` });
  body.append(...parts({ first, isMine, media, text, isAbove: captioned.show_caption_above_media, session }));
  if (media?.dataset.width) body.style.setProperty("--media-width", `${media.dataset.width}px`);
  const reactions = messages.flatMap(({ message_id: id }) => session.store.reactions.get(id) ?? []);
  const chips = reactions.length > 0 ? reactionChips(first, reactions, session) : null;
  if (chips) body.append(chips);
  (chips ?? text ?? body).append(meta(first, isMine));
  body.append(moreButton(messages, session));
  const props = { class: `message ${isMine ? "mine" : "theirs"}`, id: `m-${first.message_id}`, tabindex: -1 };
  return el("article", { ...props, "data-from": first.from?.id }, body, inlineKeyboard(first, session));
}

function parts({ first, isMine, media, text, isAbove, session }) {
  const sender = session.isGroup && !isMine ? el("div", { class: "sender" }, nameOf(first.from)) : speaker(first, isMine);
  const origin = first.forward_origin ? originOf(first.forward_origin) : null;
  const quote = first.reply_to_message ? quoteOf(first.reply_to_message, session) : null;
  return [sender, origin, quote, ...(isAbove ? [text, media] : [media, text])].filter(Boolean);
}

function speaker(message, isMine) {
  return spoken(`${isMine ? t("you") : (message.from?.first_name ?? "")}: `);
}

function originOf({ sender_user: user, sender_user_name: name, sender_chat: group, chat: channel }) {
  const writer = user ? nameOf(user) : (name ?? (group ?? channel).title);
  return el("div", { class: "origin" }, `${t("forwarded_from")} `, el("strong", {}, writer));
}

function textOf(message, session) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  const entities = message.entities ?? message.caption_entities ?? [];
  const { sendText, openBot } = session.actions;
  const actions = { sendText, openBot, botUsername: session.bot.username };
  return el("div", { class: "text", dir: "auto" }, formatted(text, entities, actions));
}

function meta(message, isMine) {
  const sent = new Date(message.date * 1000);
  return el(
    "span",
    { class: "meta" },
    message.edit_date ? el("span", { class: "edited" }, t("edited")) : null,
    el("time", { datetime: sent.toISOString(), title: sent.toLocaleString(document.documentElement.lang) }, clock(sent)),
    isMine ? el("span", { class: "tick" }, icon("check"), spoken(t("sent"))) : null,
  );
}

function quoteOf(message, session) {
  const author = message.from?.id === session.me.id ? t("you") : nameOf(message.from ?? session.bot);
  const onclick = () => session.actions.showMessage(message.message_id);
  return el(
    "button",
    { type: "button", class: "quote", onclick },
    el("span", { class: "quote-author" }, author),
    el("span", { class: "quote-text" }, summary(message)),
  );
}

function moreButton(messages, session) {
  const open = (event) => session.actions.openMessageMenu(messages[0], event.currentTarget);
  return iconButton("more", t("message_actions"), open, { class: "icon-button more", "aria-haspopup": "menu" });
}

function reactionChips(message, reactions, session) {
  const counts = new Map();
  for (const { emoji } of reactions) counts.set(emoji ?? "★", (counts.get(emoji ?? "★") ?? 0) + 1);
  const chips = [...counts].map(([emoji, count]) =>
    el(
      "button",
      { type: "button", class: "reaction", onclick: () => session.actions.react(message, emoji) },
      count > 1 ? `${coloured(emoji)} ${count}` : coloured(emoji),
    ),
  );
  return el("div", { class: "reactions", role: "group", "aria-label": t("reactions") }, ...chips);
}
