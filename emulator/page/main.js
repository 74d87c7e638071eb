/** Starts the page: who is there, who one is, and their chat with the bot. */

import { addUser, users } from "./api.js";
import { takeDroppedAndPasted } from "./attach.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { drawHeader } from "./header.js";
import { Log } from "./log.js";
import { drawPeople } from "./people.js";
import { Session } from "./session.js";
import { applyTheme } from "./theme.js";
import { setLanguage, t } from "./words.js";

const RETRY_MS = 1000;

const log = new Log();
/** @type {Session | undefined} */
let session;
let opening = 0;

/** Load everybody and open the chat that the address names, or the likeliest person's; try until it works. */
async function start() {
  opening += 1;
  const mine = opening;
  try {
    await open(addressed(), () => mine === opening);
  } catch {
    if (mine !== opening) return;
    showConnection(false);
    setTimeout(() => mine === opening && start(), RETRY_MS);
  }
}

/** What the address asks for: ?user=ID, perhaps &chat=GROUP_ID and &start=PAYLOAD. */
function addressed() {
  const asked = new URLSearchParams(location.search);
  return {
    userId: Number(asked.get("user")),
    groupId: Number(asked.get("chat")) || undefined,
    startPayload: asked.get("start") ?? "",
  };
}

/** @param {() => boolean} isWanted false once somebody else's chat is being opened */
async function open({ userId, groupId, startPayload }, isWanted) {
  const everybody = await users();
  if (everybody.users.length === 0) everybody.users.push(await addUser(firstPerson()));
  if (!isWanted()) return;
  const me = everybody.users.find(({ id }) => id === userId) ?? likeliest(everybody.users);
  setLanguage(me.language_code ?? "en");
  session?.close();
  session = new Session(
    me,
    everybody.bot,
    { groupId: me.id === userId ? groupId : undefined, log, onState: showConnection, onGone: start, openBot },
  );
  session.compose = new Composer(session, startPayload);
  document.title = `${everybody.bot.first_name} · ${me.first_name}`;
  drawPeople(everybody.users, me, { onChoose: switchTo, onAdded: switchTo });
  drawHeader(session, () => showPane("people"));
  log.open(session);
  await session.open();
  if (!isWanted()) return;
  showConnection(true);
  if (matchMedia("(pointer: fine)").matches) session.compose.focus();
}

/** Somebody who speaks the browser's language, if there is one. @param {import("./types.js").User[]} everybody */
function likeliest(everybody) {
  return everybody.find(({ language_code: code }) => code === browserLanguage()) ?? everybody[0];
}

/** Whoever comes first need not fill in a form. */
function firstPerson() {
  return { first_name: "Alex", language_code: browserLanguage() };
}

function browserLanguage() {
  return navigator.language.split("-")[0];
}

async function switchTo(user) {
  history.pushState(null, "", `/?user=${user.id}`);
  showPane("chat");
  await start();
}

/** Go to the private chat with the bot; its START sends the payload along. @param {string} payload "" for none */
async function openBot(payload) {
  const asked = new URLSearchParams({ user: String(session.me.id), ...(payload && { start: payload }) });
  history.pushState(null, "", `/?${asked}`);
  await start();
}

/** Narrow screens show the people or the chat; wide ones both. @param {"people" | "chat"} pane */
function showPane(pane) {
  document.body.dataset.pane = pane;
  if (pane === "people") document.querySelector('.person[aria-current="page"]')?.focus();
}

/** @param {boolean} isConnected */
function showConnection(isConnected) {
  const hint = byId("connection");
  hint.hidden = isConnected;
  hint.textContent = isConnected ? "" : t("connection_lost");
}

applyTheme();
showPane("chat");
takeDroppedAndPasted(() => session);
byId("log").addEventListener("contextmenu", (event) => openMenuAt(event));
globalThis.addEventListener("popstate", start);
start();

/** A right click or a long press on a bubble opens its menu, unless text is selected or a link is meant. */
function openMenuAt(event) {
  const article = event.target.closest("article");
  if (!article || event.target.closest("a, img") || String(getSelection())) return;
  event.preventDefault();
  const message = session.store.messages.get(Number(article.id.slice(2)));
  session.actions.openMessageMenu(message, article, { x: event.clientX, y: event.clientY });
}
