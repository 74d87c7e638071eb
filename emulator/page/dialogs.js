/** Dialogs, alerts and toasts. */

import { byId, el, icon, iconButton } from "./dom.js";
import { t } from "./words.js";

const TOAST_MS = 4000;
let nextId = 1;

/**
 * A modal dialog with a title and a close button. It is removed when closed and gives the focus back.
 *
 * @param {{title: string, className?: string, content: (Node | string | null)[], onClose?: () => void}} options
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, className = "", content, onClose }) {
  const id = `dialog-${nextId++}`;
  const head = el(
    "header",
    { class: "dialog-head" },
    el("h2", { id }, title),
    iconButton("close", t("close"), () => dialog.close()),
  );
  const dialog = el("dialog", { class: `dialog ${className}`, "aria-labelledby": id }, head, ...content);
  present(dialog, onClose);
  return dialog;
}

/** Show a modal dialog until it is closed by its buttons, Escape or a click beside it. */
export function present(dialog, onClose) {
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.();
  });
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog && isOutside(dialog, event)) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function isOutside(dialog, { clientX, clientY }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

/** The row of buttons at a dialog's foot. @param {...Node} buttons */
export function dialogFoot(...buttons) {
  return el("div", { class: "dialog-foot" }, ...buttons);
}

/** A text that has to be put away before going on. @param {string} text */
export function alertDialog(text) {
  const id = `dialog-${nextId++}`;
  const ok = el(
    "button",
    { type: "button", class: "button primary", onclick: () => dialog.close(), autofocus: true },
    t("ok"),
  );
  const dialog = el(
    "dialog",
    { class: "dialog alert", role: "alertdialog", "aria-labelledby": id },
    el("p", { id }, text),
    dialogFoot(ok),
  );
  present(dialog);
}

/** Ask whether a link from the bot should be opened. @param {string} url */
export function linkDialog(url) {
  const open = el(
    "a",
    { class: "button primary", href: url, target: "_blank", rel: "noopener noreferrer", onclick: () => dialog.close() },
    t("open"),
  );
  const dialog = openDialog({
    title: t("open_link"),
    className: "alert",
    content: [el("p", { class: "link-address" }, url), dialogFoot(open)],
  });
}

/** Ask before doing something. @param {string} question @param {string} label of the button that does it */
export function confirmDialog(question, label, onYes) {
  const id = `dialog-${nextId++}`;
  const yes = () => {
    dialog.close();
    onYes();
  };
  const buttons = [
    el("button", { type: "button", class: "button", onclick: () => dialog.close() }, t("cancel")),
    el("button", { type: "button", class: "button danger", onclick: yes }, label),
  ];
  const dialog = el(
    "dialog",
    { class: "dialog alert", role: "alertdialog", "aria-labelledby": id },
    el("p", { id }, question),
    dialogFoot(...buttons),
  );
  present(dialog);
}

/** A short notice that goes away by itself. @param {string} text */
export function toast(text) {
  const toasts = byId("toasts");
  const note = el("div", { class: "toast" }, text);
  toasts.append(note);
  if (toasts.matches(":popover-open")) toasts.hidePopover();
  toasts.showPopover(); // last shown is on top, also of dialogs
  setTimeout(() => {
    note.remove();
    if (!toasts.hasChildNodes()) toasts.hidePopover();
  }, TOAST_MS);
}

/** What to tell a person about an error of the control API. @param {any} error */
export function explain(error) {
  if (error.status === 0) return t("error_unreachable");
  if (error.status === 413) return t("error_too_large");
  return error.message ? `${t("error_refused")} ${error.message}` : t("error_unknown");
}

/** A line in a dialog that says what went wrong; empty at first. */
export function errorLine() {
  return el("p", { class: "error-line", role: "alert" });
}

/** Show an error in its line. @param {HTMLElement} line @param {string} text */
export function showError(line, text) {
  line.replaceChildren(text ? icon("block") : "", text);
}
