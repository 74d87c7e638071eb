/** Photos at full size. */

import { el, icon, iconButton } from "./dom.js";
import { present } from "./dialogs.js";
import { t } from "./words.js";

/**
 * Show photos one at a time; arrow keys and buttons turn the pages, a click on the picture enlarges it.
 *
 * @param {{src: string, caption: string}[]} pictures
 * @param {number} start index of the first one shown
 */
export function openViewer(pictures, start) {
  let index = start;
  const image = el("img", { alt: t("kind_photo") });
  const stage = el("button", { type: "button", class: "viewer-stage", "aria-label": t("zoom"), onclick: enlarge }, image);
  const caption = el("p", { class: "viewer-caption", dir: "auto" });
  const position = el("span", { class: "viewer-position", "aria-live": "polite" });
  const save = el(
    "a",
    { class: "icon-button", "aria-label": t("save_photo"), title: t("save_photo"), download: "photo.jpg" },
    icon("download"),
  );
  const close = iconButton("close", t("close"), () => dialog.close(), { autofocus: true });
  const head = el("header", { class: "viewer-head" }, position, save, close);
  const previous = iconButton("back", t("previous"), () => turn(-1), { class: "icon-button previous" });
  const next = iconButton("back", t("next"), () => turn(1), { class: "icon-button next" });
  const turns = pictures.length > 1 ? [previous, next] : [];
  const dialog = el("dialog", { class: "viewer", "aria-label": t("kind_photo") }, head, stage, ...turns, caption);

  function show() {
    const { src, caption: text } = pictures[index];
    image.src = src;
    save.href = src;
    stage.classList.remove("enlarged");
    caption.textContent = text;
    position.textContent = pictures.length > 1 ? `${index + 1} / ${pictures.length}` : "";
  }

  function turn(step) {
    index = (index + step + pictures.length) % pictures.length;
    show();
  }

  function enlarge(event) {
    const { left, top, width, height } = image.getBoundingClientRect();
    const isEnlarged = stage.classList.toggle("enlarged");
    if (!isEnlarged || event.detail === 0) return;
    stage.scrollLeft = ((event.clientX - left) / width) * stage.scrollWidth - stage.clientWidth / 2;
    stage.scrollTop = ((event.clientY - top) / height) * stage.scrollHeight - stage.clientHeight / 2;
  }

  dialog.addEventListener("keydown", ({ key }) => {
    if (pictures.length > 1 && key === "ArrowLeft") turn(-1);
    if (pictures.length > 1 && key === "ArrowRight") turn(1);
  });
  show();
  present(dialog);
}
