/** The sheet in which chosen files are looked over before they are sent. */

import { el, icon, iconButton } from "./dom.js";
import { dialogFoot, errorLine, explain, openDialog, showError } from "./dialogs.js";
import { size, t } from "./words.js";

const LONGEST_CAPTION = 1024;
const LARGEST_ALBUM = 10;

/** What goes together in an album; anything else is a message of its own. */
const ALBUMS = [["photo", "video"], ["document"], ["audio"]];
const MEDIA = ["photo", "video", "animation"];

/** What a file usually is in a chat. @param {File} file */
function kindOf({ type }) {
  if (type === "image/gif") return "animation";
  return { image: "photo", video: "video", audio: "audio" }[type.split("/")[0]] ?? "document";
}

/** The ways in which files can be sent, the usual one first: a kind for all, or media, each its own. @param {File[]} files */
function waysFor(files) {
  const kinds = [...new Set(files.map(kindOf))];
  if (kinds.length > 1) return kinds.every((kind) => MEDIA.includes(kind)) ? ["media", "document"] : ["document"];
  if (kinds[0] === "document") return kinds;
  return kinds[0] === "audio" ? ["audio", "voice", "document"] : [kinds[0], "document"];
}

/** The next of these files that are one message or one album, and their kinds. @param {File[]} files @param {string} way */
function batchOf(files, way) {
  const kinds = files.map((file) => (way === "media" ? kindOf(file) : way));
  const album = ALBUMS.find((together) => together.includes(kinds[0]));
  const end = kinds.findIndex((kind) => !album?.includes(kind));
  const count = album ? Math.min(end < 0 ? files.length : end, LARGEST_ALBUM) : 1;
  return { kinds: kinds.slice(0, count), batch: files.slice(0, count) };
}

/**
 * @param {File[]} chosen
 * @param {object} options
 * @param {boolean} options.asFile whether they were chosen as files, so that pictures are not made photos
 * @param {(kinds: string[], files: File[], caption: string) => Promise<unknown>} options.send sends one message or one album
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
    const way = ways.querySelector("input:checked")?.value ?? "document";
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await sendAll(way);
      dialog.close();
    } catch (problem) {
      showError(error, isNoPhoto(problem, way) ? notAPhoto(problem) : explain(problem));
    }
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }

  function notAPhoto({ message }) {
    return files.length > 1 ? `${t("error_photo")} ${message}` : t("error_photo");
  }

  async function sendAll(way) {
    while (files.length > 0) {
      const { kinds, batch } = batchOf(files, way);
      await send(kinds, batch, text.value.trim());
      text.value = "";
      files = files.slice(batch.length);
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

function isNoPhoto(problem, way) {
  return ["photo", "media"].includes(way) && problem.status === 400;
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
