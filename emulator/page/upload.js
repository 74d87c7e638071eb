/** The sheet in which chosen files are looked over before they are sent. */

import { el, icon, iconButton } from "./dom.js";
import { dialogFoot, errorLine, explain, openDialog, showError } from "./dialogs.js";
import { size, t } from "./words.js";

const LONGEST_CAPTION = 1024;
const LARGEST_ALBUM = 10;

/** The ways in which files of a kind can be sent, the usual one first. */
const WAYS = { image: ["photo", "document"], video: ["video", "document"], audio: ["audio", "voice", "document"] };

/** @param {File[]} files @returns {string[]} */
function waysFor(files) {
  const kinds = new Set(files.map(({ type }) => type.split("/")[0]));
  const [kind] = kinds;
  if (kinds.size > 1) return ["document"];
  if (files.length > 1 && kind !== "image") return ["document"];
  return WAYS[kind] ?? ["document"];
}

/**
 * @param {File[]} chosen
 * @param {object} options
 * @param {boolean} options.asFile whether they were chosen as files, so that pictures are not made photos
 * @param {(kind: string, files: File[], caption: string) => Promise<unknown>} options.send sends one message or one album
 */
export function reviewFiles(chosen, { asFile, send }) {
  let files = [...chosen];
  const urls = new Map(files.map((file) => [file, URL.createObjectURL(file)]));
  const list = el("ul", { class: "previews" });
  const ways = el("fieldset", { class: "ways" });
  const text = el("textarea", {
    class: "field caption",
    rows: 2,
    maxlength: LONGEST_CAPTION,
    placeholder: t("add_caption"),
    "aria-label": t("caption"),
  });
  const error = errorLine();
  const button = el("button", { type: "submit", class: "button primary" }, icon("send"), t("send"));

  function show() {
    list.replaceChildren(...files.map((file) => preview(file, urls.get(file), () => leaveOut(file))));
    list.classList.toggle("single", files.length === 1);
    const known = waysFor(files);
    const picked = asFile ? "document" : known[0];
    ways.replaceChildren(
      el("legend", { class: "sr-only" }, t("send_as")),
      ...known.map((way) => wayOption(way, way === picked)),
    );
    ways.hidden = known.length < 2;
  }

  function leaveOut(file) {
    files = files.filter((one) => one !== file);
    if (files.length === 0) dialog.close();
    else show();
  }

  async function submit(event) {
    event.preventDefault();
    const kind = ways.querySelector("input:checked")?.value ?? "document";
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await sendAll(kind);
      dialog.close();
    } catch (problem) {
      showError(error, isNoPhoto(problem, kind) ? notAPhoto(problem) : explain(problem));
    }
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }

  function notAPhoto({ message }) {
    return files.length > 1 ? `${t("error_photo")} ${message}` : t("error_photo");
  }

  async function sendAll(kind) {
    while (files.length > 0) {
      const batch = files.slice(0, LARGEST_ALBUM);
      await send(kind, batch, text.value.trim());
      text.value = "";
      files = files.slice(LARGEST_ALBUM);
    }
  }

  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const form = el("form", { class: "upload-form", onsubmit: submit }, list, ways, text, error, dialogFoot(button));
  const forget = () => urls.forEach((url) => URL.revokeObjectURL(url));
  const dialog = openDialog({ title: t("send_files", { n: files.length }), content: [form], onClose: forget });
  show();
  text.focus();
}

function isNoPhoto(problem, kind) {
  return kind === "photo" && problem.status === 400;
}

function preview(file, url, onLeaveOut) {
  const name = file.name || t("kind_document");
  const badge = el("span", { class: "file-badge", "aria-hidden": "true" }, icon("file"));
  const image = el("img", { src: url, alt: "", onerror: () => image.replaceWith(badge) });
  const shown = file.type.startsWith("image/") ? image : badge;
  const details = el(
    "span",
    { class: "file-details" },
    el("span", { class: "file-name" }, name),
    el("span", { class: "file-size" }, size(file.size)),
  );
  return el("li", { class: "preview" }, shown, details, iconButton("close", `${t("leave_out")} ${name}`, onLeaveOut));
}

function wayOption(way, isChecked) {
  return el(
    "label",
    { class: "way" },
    el("input", { type: "radio", name: "way", value: way, checked: isChecked }),
    el("span", {}, t(`as_${way}`)),
  );
}
