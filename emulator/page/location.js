/** Choosing a location to share: this device's, a point on the map, an example, or typed numbers. */

import { el, icon } from "./dom.js";
import { dialogFoot, errorLine, explain, openDialog, showError } from "./dialogs.js";
import { SCALE } from "./map.js";
import { MapPicker } from "./picker.js";
import { EXAMPLES } from "./places.js";
import { t } from "./words.js";

const LIVE_PERIODS_S = [900, 3600, 28_800];
const POSITION_TIMEOUT_MS = 10_000;

/**
 * Ask for a location and send it: a plain one, a live one, or a venue if the place is given a name.
 * @param {(message: object) => Promise<unknown>} send gets what POST …/messages takes
 */
export function chooseLocation(send) {
  const latitude = coordinateField("latitude", t("latitude"), 90);
  const longitude = coordinateField("longitude", t("longitude"), 180);
  const name = el("input", { class: "field", name: "title", maxlength: 100, autocomplete: "off" });
  const address = el("input", { class: "field", name: "address", maxlength: 200, autocomplete: "off" });
  const live = el(
    "select",
    { class: "field", name: "live" },
    el("option", { value: "" }, t("live_off")),
    ...LIVE_PERIODS_S.map(liveOption),
  );
  const error = errorLine();
  const picker = new MapPicker({ onMove: (point) => fill(point) });

  function fill(point) {
    latitude.value = point.latitude.toFixed(5);
    longitude.value = point.longitude.toFixed(5);
    showError(error, "");
  }

  function goTo(point, scale = SCALE.region) {
    fill(point);
    picker.show(point, scale);
  }

  function typed() {
    const point = { latitude: latitude.valueAsNumber, longitude: longitude.valueAsNumber };
    if (latitude.checkValidity() && longitude.checkValidity()) picker.show(point);
  }

  function locate() {
    showError(error, "");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => goTo({ latitude: coords.latitude, longitude: coords.longitude }),
      () => showError(error, t("error_position")),
      { timeout: POSITION_TIMEOUT_MS, enableHighAccuracy: true },
    );
  }

  async function submit(event) {
    event.preventDefault();
    const point = { latitude: latitude.valueAsNumber, longitude: longitude.valueAsNumber };
    try {
      await send(asMessage(point, name.value.trim(), address.value.trim(), Number(live.value)));
      dialog.close();
    } catch (problem) {
      showError(error, explain(problem));
    }
  }

  latitude.addEventListener("input", typed);
  longitude.addEventListener("input", typed);
  const here = el("button", { type: "button", class: "chip here", onclick: locate }, icon("locate"), t("my_position"));
  const examples = EXAMPLES.map((place) => el(
    "button",
    { type: "button", class: "chip", onclick: () => goTo(place) },
    place.name,
  ));
  const form = el(
    "form",
    { class: "location-form", onsubmit: submit },
    el("div", { class: "chips", role: "group", "aria-label": t("examples") }, here, ...examples),
    picker.element,
    el("div", { class: "field-row" }, labelled(t("latitude"), latitude), labelled(t("longitude"), longitude)),
    el(
      "details",
      {},
      el("summary", {}, t("more_options")),
      el("div", { class: "field-row" }, labelled(t("place_name"), name), labelled(t("address"), address)),
      labelled(t("live_location"), live),
    ),
    error,
    dialogFoot(el("button", { type: "submit", class: "button primary" }, icon("pin"), t("send_location"))),
  );
  const dialog = openDialog({ title: t("share_location"), className: "wide", content: [form] });
  goTo({ latitude: 30, longitude: 12 }, SCALE.world);
}

function coordinateField(name, label, limit) {
  return el("input", {
    class: "field",
    name,
    type: "number",
    min: -limit,
    max: limit,
    step: "any",
    required: true,
    inputmode: "decimal",
    "aria-label": label,
  });
}

/** A label above its field. @param {string} text @param {HTMLElement} field */
export function labelled(text, field) {
  return el("label", { class: "labelled" }, el("span", {}, text), field);
}

function liveOption(seconds) {
  return el(
    "option",
    { value: seconds },
    seconds < 3600 ? t("minutes", { n: seconds / 60 }) : t("hours", { n: seconds / 3600 }),
  );
}

function asMessage(point, title, address, livePeriod) {
  if (title) return { venue: { ...point, title, address } };
  return { location: livePeriod ? { ...point, live_period: livePeriod } : point };
}
