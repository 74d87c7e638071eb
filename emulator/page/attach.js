/** Adding things to a message: the paper clip's menu, dropped and pasted files. */

import { byId, el, icon } from "./dom.js";
import { dialogFoot, errorLine, explain, openDialog, showError } from "./dialogs.js";
import { chooseLocation, labelled } from "./location.js";
import { openMenu } from "./menu.js";
import { reviewFiles } from "./upload.js";
import { t } from "./words.js";

/** @typedef {import("./session.js").Session} Session */

/** The paper clip's menu. @param {HTMLElement} anchor @param {Session} session */
export function openAttachMenu(anchor, session) {
  openMenu(anchor, t("attach"), [
    { label: t("attach_photo"), icon: "photo", onSelect: () => chooseFiles(session, false) },
    { label: t("attach_file"), icon: "file", onSelect: () => chooseFiles(session, true) },
    { label: t("attach_location"), icon: "pin", onSelect: () => chooseLocation(session.api.send) },
    { label: t("attach_contact"), icon: "person", onSelect: () => chooseContact(session) },
  ]);
}

function chooseFiles(session, asFile) {
  const input = el("input", { type: "file", multiple: true, accept: asFile ? null : "image/*,video/*", hidden: true });
  const take = () => {
    input.remove();
    if (input.files.length > 0) session.actions.review([...input.files], asFile);
  };
  input.addEventListener("change", take);
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

/** Share a phone contact, the person's own to begin with. @param {Session} session */
export function chooseContact(session) {
  const name = el("input", { class: "field", name: "first_name", required: true, autocomplete: "off" });
  const phone = el("input", {
    class: "field",
    name: "phone_number",
    type: "tel",
    required: true,
    autocomplete: "off",
    pattern: "\\+?[0-9 \\-]{3,20}",
  });
  const error = errorLine();
  name.value = session.me.first_name;
  phone.value = "+1 202 555 0100";
  async function submit(event) {
    event.preventDefault();
    try {
      await session.api.send({ contact: { phone_number: phone.value, first_name: name.value } });
      dialog.close();
    } catch (problem) {
      showError(error, explain(problem));
    }
  }
  const button = el("button", { type: "submit", class: "button primary" }, icon("send"), t("send"));
  const form = el(
    "form",
    { onsubmit: submit },
    labelled(t("first_name"), name),
    labelled(t("phone"), phone),
    error,
    dialogFoot(button),
  );
  const dialog = openDialog({ title: t("attach_contact"), content: [form] });
}

/** Look files over before sending them. @param {Session} session @param {File[]} files @param {boolean} asFile */
export function review(session, files, asFile) {
  reviewFiles(files, { asFile, send: session.api.sendFiles });
}

/** Take files that are dropped on the chat or pasted anywhere. @param {() => Session | undefined} current */
export function takeDroppedAndPasted(current) {
  const chat = byId("chat");
  const hint = byId("drop-hint");
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const take = (files) => {
    const session = current();
    if (!session || session.store.isBlocked || files.length === 0 || document.querySelector("dialog[open]")) return;
    review(session, files, false);
  };

  chat.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    hint.textContent = t("drop_here");
    hint.hidden = false;
  });
  chat.addEventListener("dragleave", (event) => {
    if (!chat.contains(event.relatedTarget)) hint.hidden = true;
  });
  chat.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    hint.hidden = true;
    take([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });
}
