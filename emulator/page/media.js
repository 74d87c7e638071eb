/** What a bubble shows besides text: photos, albums, files, places, contacts. */

import { el, icon, spoken } from "./dom.js";
import { fileUrl } from "./api.js";
import { pointMap } from "./map.js";
import { openPlace } from "./place.js";
import { openViewer } from "./viewer.js";
import { size, t } from "./words.js";

/** @typedef {import("./types.js").Message} Message */

const WIDEST_PX = 512;
const TALLEST_PX = 480;
const NARROWEST_PX = 200;
const MAP_PX = { width: 280, height: 150 };

/**
 * The media of one message, or null. `data-width` is the bubble's preferred width in px; `data-bare` says that nothing but
 * the picture has to be seen, so that the time may lie upon it.
 *
 * @param {Message} message
 * @returns {HTMLElement | null}
 */
export function mediaOf(message) {
  const kind = Object.keys(MEDIA).find((name) => message[name]);
  return kind ? MEDIA[kind](message) : unknown(message);
}

/** The photos and videos of an album as a grid, its files as a list. @param {Message[]} messages */
export function albumMedia(messages) {
  const photos = messages.filter((message) => message.photo);
  const isGrid = messages.every((message) => message.photo || message.video);
  if (!isGrid) return el("div", { class: "files" }, ...messages.map(mediaOf).filter(Boolean));
  const tile = (message) => (message.photo ? photoButton(message, photos, photos.indexOf(message)) : mediaOf(message));
  const props = { class: `album album-${messages.length}`, "data-width": WIDEST_PX, "data-bare": "true" };
  return el("div", props, ...messages.map(tile));
}

const MEDIA = {
  photo: (message) => photo(message),
  animation: ({ animation: file }) => (file.mime_type === "image/gif" ? picture(file, t("kind_animation")) : video(file, true)),
  video: ({ video: file }) => video(file, false),
  video_note: ({ video_note: file }) => video(file, false),
  sticker: ({ sticker }) => el("img", {
    class: "sticker", src: fileUrl(sticker.file_id), alt: sticker.emoji ?? t("kind_sticker"), "data-bare": "true",
  }),
  voice: ({ voice }) => sound(voice, t("kind_voice")),
  audio: ({ audio }) => sound(audio, audio.file_name ?? t("kind_audio")),
  document: ({ document: file }) => fileLink(file),
  venue: ({ venue }) => place(venue.location, venue.title, venue.address),
  location: ({ location }) => place(location, location.live_period ? t("live_location") : "", ""),
  contact: ({ contact }) => contactCard(contact),
};

/** The largest of a photo's sizes. @param {import("./types.js").PhotoSize[]} sizes */
function largest(sizes) {
  return sizes.reduce((best, one) => (one.width > best.width ? one : best));
}

function photo(message) {
  const { width, height } = largest(message.photo);
  const shown = Math.max(NARROWEST_PX, Math.min(WIDEST_PX, width, (TALLEST_PX * width) / height));
  const button = photoButton(message, [message], 0);
  button.dataset.width = String(Math.round(shown));
  button.dataset.bare = "true";
  button.style.setProperty("--ratio", String(Math.max(width / height, 0.4)));
  return button;
}

function photoButton(message, album, index) {
  const { file_id: id } = largest(message.photo);
  const [says] = (message.caption ?? "").split("\n");
  const image = el("img", { src: fileUrl(id), alt: says || t("kind_photo"), decoding: "async", draggable: "false" });
  image.addEventListener("error", () => button.classList.add("broken"));
  const open = () => {
    if (button.classList.contains("veiled")) button.classList.remove("veiled");
    else openViewer(album.map((one) => ({ src: fileUrl(largest(one.photo).file_id), caption: one.caption ?? "" })), index);
  };
  const veil = message.has_media_spoiler ? " veiled" : "";
  const props = { type: "button", class: `photo${veil}`, "aria-label": [t("open_photo"), says].filter(Boolean).join(": "), onclick: open };
  const button = el("button", props, image);
  return button;
}

function picture(file, alt) {
  return el("img", { class: "picture", src: fileUrl(file.file_id), alt, "data-bare": "true" });
}

function video(file, isLoop) {
  const props = isLoop ? { autoplay: true, loop: true, muted: true } : { controls: true, preload: "metadata" };
  return el("video", { class: "picture", src: fileUrl(file.file_id), playsinline: true, "data-width": 320, ...props });
}

function sound(file, label) {
  return el(
    "div",
    { class: "sound" },
    el("span", {}, label),
    el("audio", { controls: true, preload: "none", src: fileUrl(file.file_id) }),
  );
}

function fileLink(file) {
  const name = file.file_name ?? t("kind_document");
  const badge = el("span", { class: "file-badge", "aria-hidden": "true" }, icon("download"));
  const details = el(
    "span",
    { class: "file-details" },
    el("span", { class: "file-name" }, name),
    el("span", { class: "file-size" }, size(file.file_size)),
  );
  return el("a", { class: "file", href: fileUrl(file.file_id), download: name }, badge, details);
}

function place(location, title, address) {
  const { latitude, longitude } = location;
  const coordinates = `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
  const label = [t("kind_location"), title, address, coordinates].filter(Boolean).join(", ");
  const map = pointMap({ latitude, longitude, ...MAP_PX });
  const button = el(
    "button",
    { type: "button", class: "place-map", "aria-label": label, onclick: () => openPlace(location, title, address) },
    map,
  );
  const details = el(
    "div",
    { class: "place-details" },
    title && el("strong", {}, title),
    address && el("span", {}, address),
    el("span", { class: "coordinates" }, coordinates),
  );
  return el("div", { class: "place", "data-width": MAP_PX.width }, button, details);
}

function contactCard(contact) {
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ");
  return el(
    "div",
    { class: "file" },
    el("span", { class: "file-badge" }, icon("person")),
    el(
      "span",
      { class: "file-details" },
      el("span", { class: "file-name" }, name),
      el("span", { class: "file-size" }, contact.phone_number),
    ),
  );
}

function unknown(message) {
  if (message.text) return null;
  return el("div", { class: "unknown" }, spoken(""), t("kind_other"));
}
