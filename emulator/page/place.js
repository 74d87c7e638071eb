/** A place that was shared, on a larger map. */

import { el, icon } from "./dom.js";
import { dialogFoot, openDialog } from "./dialogs.js";
import { copy } from "./keyboard.js";
import { MapPicker } from "./picker.js";
import { tellingScale } from "./map.js";
import { t } from "./words.js";

/** @param {import("./types.js").Location} location @param {string} title @param {string} address */
export function openPlace({ latitude, longitude }, title, address) {
  const picker = new MapPicker({ mark: { latitude, longitude } });
  const coordinates = `${latitude}, ${longitude}`;
  const web = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  const link = el(
    "a",
    { class: "button", href: web, target: "_blank", rel: "noopener noreferrer" },
    icon("link"),
    t("open_map"),
  );
  const copyButton = el(
    "button",
    { type: "button", class: "button", onclick: () => copy(coordinates) },
    icon("copy"),
    t("copy_coordinates"),
  );
  const details = el("p", { class: "place-line" }, [address, coordinates].filter(Boolean).join(" · "));
  openDialog({
    title: title || t("kind_location"),
    className: "wide",
    content: [picker.element, details, dialogFoot(copyButton, link)],
  });
  picker.show({ latitude, longitude }, tellingScale({ latitude, longitude }, 150));
}
