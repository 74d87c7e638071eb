/** A map to move about on. To choose a point, the pin stays in the middle and the world moves below it. */

import { el, iconButton } from "./dom.js";
import { drawMap, pin, projected, SCALE, unprojected } from "./map.js";
import { t } from "./words.js";

const CLICK_PX = 5;
const KEY_STEP_PX = 24;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Dragging, clicks, the wheel, pinching and arrow keys move the map; `onMove` is told its middle. */
export class MapPicker {
  #center = { latitude: 30, longitude: 15 };
  #scale = SCALE.world;
  /** @type {Map<number, {x: number, y: number}>} */
  #pointers = new Map();
  #travelled = 0;

  /** @param {{onMove?: (point: import("./map.js").Point) => void, mark?: import("./map.js").Point}} options `mark`: where the pin
   * stands, if not in the middle */
  constructor({ onMove, mark }) {
    this.onMove = onMove;
    this.mark = mark;
    this.surface = el("div", { class: "map-surface", tabindex: 0, role: "application", "aria-label": t("map_label") });
    const zoomIn = iconButton("plus", t("zoom_in"), () => this.#zoom(2));
    const zoomOut = iconButton("minus", t("zoom_out"), () => this.#zoom(0.5));
    this.element = el("div", { class: "map-picker" }, this.surface, el("div", { class: "map-zoom" }, zoomIn, zoomOut));
    this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.surface);
  }

  /** Show a point, perhaps closer; does not call `onMove`. */
  show(point, scale = this.#scale) {
    this.#center = point;
    this.#scale = scale;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.surface;
    if (width === 0) return;
    this.#scale = Math.max(this.#scale, width / 360);
    const map = drawMap({ center: this.#center, scale: this.#scale, width, height });
    const middle = projected(this.#center);
    const { x, y } = this.mark ? projected(this.mark) : middle;
    map.append(pin(width / 2 + (x - middle.x) * this.#scale, height / 2 + (y - middle.y) * this.#scale));
    this.surface.replaceChildren(map);
  }

  #listen() {
    const { surface } = this;
    surface.addEventListener("pointerdown", (event) => this.#down(event));
    surface.addEventListener("pointermove", (event) => this.#drag(event));
    for (const name of ["pointerup", "pointercancel"]) surface.addEventListener(name, (event) => this.#up(event));
    surface.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    surface.addEventListener("dblclick", () => this.#zoom(2));
    surface.addEventListener("keydown", (event) => this.#key(event));
  }

  #down(event) {
    this.surface.setPointerCapture(event.pointerId);
    if (this.#pointers.size === 0) this.#travelled = 0;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  #drag(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    this.#travelled += distance(before, now);
    if (other) this.#zoom(distance(now, other) / Math.max(1, distance(before, other)));
    else if (this.#travelled > CLICK_PX) this.#pan(before.x - now.x, before.y - now.y);
  }

  #up(event) {
    const wasClick = this.#pointers.size === 1 && this.#travelled <= CLICK_PX && event.type === "pointerup";
    this.#pointers.delete(event.pointerId);
    if (!wasClick) return;
    const { left, top, width, height } = this.surface.getBoundingClientRect();
    this.#pan(event.clientX - left - width / 2, event.clientY - top - height / 2);
  }

  #wheel(event) {
    event.preventDefault();
    const { left, top, width, height } = this.surface.getBoundingClientRect();
    const factor = Math.exp(-event.deltaY * 0.0015);
    const away = { x: event.clientX - left - width / 2, y: event.clientY - top - height / 2 };
    this.#pan(away.x * (1 - 1 / factor), away.y * (1 - 1 / factor));
    this.#zoom(factor);
  }

  #key(event) {
    const arrow = ARROWS[event.key];
    if (arrow) this.#pan(arrow[0] * KEY_STEP_PX, arrow[1] * KEY_STEP_PX);
    else if (event.key === "+" || event.key === "=") this.#zoom(2);
    else if (event.key === "-") this.#zoom(0.5);
    else return;
    event.preventDefault();
  }

  #pan(right, down) {
    const { x, y } = projected(this.#center);
    this.#center = unprojected({ x: x + right / this.#scale, y: y + down / this.#scale });
    this.#draw();
    this.onMove?.(this.#center);
  }

  #zoom(factor) {
    this.#scale = Math.min(SCALE.nearest, this.#scale * factor);
    this.#draw();
  }
}

function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
