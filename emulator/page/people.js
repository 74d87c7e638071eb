/** The people one can be: a list to choose from, and a way to add one more. */

import { byId, el, icon } from "./dom.js";
import { addUser } from "./api.js";
import { dialogFoot, errorLine, explain, openDialog, showError } from "./dialogs.js";
import { labelled } from "./location.js";
import { languageName, LANGUAGES, t } from "./words.js";

/** @typedef {import("./types.js").User} User */

const HUES = [172, 205, 262, 320, 18, 42, 140];

/** A round picture with the initials of a name. @param {User} user */
export function avatar(user) {
  const initials = [user.first_name, user.last_name].map((name) => [...(name ?? "")][0] ?? "").join("");
  const circle = el("span", { class: "avatar", "aria-hidden": "true" }, initials.toUpperCase());
  circle.style.setProperty("--hue", String(HUES[user.id % HUES.length]));
  return circle;
}

/**
 * @param {User[]} users
 * @param {User} current
 * @param {{onChoose: (user: User) => void, onAdded: (user: User) => void}} actions
 */
export function drawPeople(users, current, { onChoose, onAdded }) {
  const list = el(
    "ul",
    { class: "people-list" },
    ...users.map((user) => el("li", {}, person(user, user.id === current.id, onChoose))),
  );
  const add = el(
    "button",
    { type: "button", class: "button add-person", onclick: () => newPerson(onAdded) },
    icon("plus"),
    t("new_person"),
  );
  const nav = byId("people");
  nav.setAttribute("aria-label", t("people"));
  nav.replaceChildren(
    el("header", { class: "people-head" }, el("h2", {}, t("people")), el("p", {}, t("people_hint"))),
    list,
    add,
  );
}

function person(user, isCurrent, onChoose) {
  const name = [user.first_name, user.last_name].filter(Boolean).join(" ");
  const language = user.language_code && languageName(user.language_code);
  const about = [user.username && `@${user.username}`, language, user.id].filter(Boolean).join(" · ");
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another tab, side by side
    event.preventDefault();
    onChoose(user);
  };
  return el(
    "a",
    { class: "person", href: `/?user=${user.id}`, "aria-current": isCurrent ? "page" : null, onclick },
    avatar(user),
    el(
      "span",
      { class: "person-details" },
      el("span", { class: "person-name" }, name),
      el("span", { class: "person-about" }, about),
    ),
  );
}

/** Ask who the new person is, and add them. @param {(user: User) => void} onAdded */
function newPerson(onAdded) {
  const first = el("input", {
    class: "field", name: "first_name", required: true, maxlength: 64, autocomplete: "off", autofocus: true,
  });
  const last = el("input", { class: "field", name: "last_name", maxlength: 64, autocomplete: "off" });
  const username = el("input", {
    class: "field",
    name: "username",
    pattern: "@?[A-Za-z][A-Za-z0-9_]{4,31}",
    title: t("username_rule"),
    autocomplete: "off",
  });
  const language = el(
    "select",
    { class: "field", name: "language_code" },
    ...LANGUAGES.map((code) => el("option", { value: code }, languageName(code))),
  );
  const error = errorLine();
  async function submit(event) {
    event.preventDefault();
    const profile = {
      first_name: first.value.trim(),
      last_name: last.value.trim(),
      username: username.value.replace(/^@/, ""),
      language_code: language.value,
    };
    try {
      const user = await addUser(Object.fromEntries(Object.entries(profile).filter(([, value]) => value)));
      dialog.close();
      onAdded(user);
    } catch (problem) {
      showError(error, explain(problem));
    }
  }
  const names = el("div", { class: "field-row" }, labelled(t("first_name"), first), labelled(t("last_name"), last));
  const rest = el("div", { class: "field-row" }, labelled(t("username"), username), labelled(t("language"), language));
  const form = el(
    "form",
    { onsubmit: submit },
    names,
    rest,
    error,
    dialogFoot(el("button", { type: "submit", class: "button primary" }, t("add"))),
  );
  const dialog = openDialog({ title: t("new_person"), content: [form] });
}
