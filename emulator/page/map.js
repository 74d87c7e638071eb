/** Drawing the world on Mercator's projection, from outlines that come with this page. */

import { svg } from "./dom.js";
import { PLACES } from "./places.js";
import { LAKES, LAND, RIVERS } from "./world.js";

/** A point in degrees. @typedef {{latitude: number, longitude: number}} Point */

/** Pixels for one degree of longitude. */
export const SCALE = { world: 1, country: 20, region: 60, town: 200, nearest: 1500 };

const MOST_NORTHERN = 84;
const GRID_STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const GRID_APART_PX = 70;
const COPIES = [-360, 0, 360];
const TOWNS_TO_SEE = 3;

/** Mercator: both in degrees of longitude, y grows southwards. @param {Point} point */
export function projected({ latitude, longitude }) {
  const phi = (clamp(latitude, MOST_NORTHERN) * Math.PI) / 180;
  return { x: longitude, y: (-Math.log(Math.tan(Math.PI / 4 + phi / 2)) * 180) / Math.PI };
}

/** The inverse; longitude comes back between -180 and 180. @returns {Point} */
export function unprojected({ x, y }) {
  const phi = 2 * Math.atan(Math.exp((-y * Math.PI) / 180)) - Math.PI / 2;
  return { latitude: clamp((phi * 180) / Math.PI, MOST_NORTHERN), longitude: ((((x + 180) % 360) + 360) % 360) - 180 };
}

function clamp(value, limit) {
  return Math.max(-limit, Math.min(limit, value));
}

/** A line as an SVG path in projected degrees, with its extent in x. */
function shape(points, isClosed) {
  const corners = points.trim().split(/\s+/).map((pair) => {
    const [longitude, latitude] = pair.split(",").map(Number);
    return projected({ latitude, longitude });
  });
  const xs = corners.map(({ x }) => x);
  const path = `M${corners.map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`).join("L")}${isClosed ? "Z" : ""}`;
  return { path, west: Math.min(...xs), east: Math.max(...xs) };
}

const LAYERS = [
  { name: "land", shapes: LAND.map((ring) => shape(ring, true)) },
  { name: "water", shapes: LAKES.map((ring) => shape(ring, true)) },
  { name: "river", shapes: RIVERS.map((line) => shape(line, false)) },
];

/**
 * A map as an SVG element of the given size in px; its middle shows `center`.
 * @param {{center: Point, scale: number, width: number, height: number}} view
 */
export function drawMap(view) {
  const middle = projected(view.center);
  const toPx = ({ x, y }) => ({
    left: view.width / 2 + (x - middle.x) * view.scale,
    top: view.height / 2 + (y - middle.y) * view.scale,
  });
  const map = svg("svg", {
    class: "map", viewBox: `0 0 ${view.width} ${view.height}`, "aria-hidden": "true", focusable: "false",
  });
  map.append(
    ...COPIES.map((turn) => world(view, middle, turn)),
    grid(view, middle, toPx),
    towns(view, middle, toPx),
  );
  return map;
}

/** The small map of a bubble: a point with a pin on it. @param {Point & {width: number, height: number}} place */
export function pointMap({ width, height, ...center }) {
  const map = drawMap({ center, scale: tellingScale(center, Math.min(width, height) / 2), width, height });
  map.append(pin(width / 2, height / 2));
  return map;
}

/** As close as a few towns around allow: less than that, and nobody would know where it is. */
export function tellingScale(point, halfPx) {
  const { x, y } = projected(point);
  const distances = PLACES.map((town) => {
    const there = nearTurn(projected(town), x);
    return Math.hypot(there.x - x, there.y - y);
  });
  const [far] = distances.sort((a, b) => a - b).slice(TOWNS_TO_SEE - 1);
  return Math.max(SCALE.country, Math.min(SCALE.town, (halfPx * 0.8) / far));
}

/** A pin whose tip is at the given px. */
export function pin(left, top) {
  const drop = "M0 0C-4-9-11-13-11-22a11 11 0 0 1 22 0C11-13 4-9 0 0z";
  return svg(
    "g",
    { class: "pin", transform: `translate(${left} ${top})` },
    svg("path", { d: drop }),
    svg("circle", { cy: -22, r: 4.5 }),
  );
}

function world(view, middle, turn) {
  const half = view.width / 2 / view.scale;
  const isSeen = ({ west, east }) => east + turn > middle.x - half && west + turn < middle.x + half;
  const left = view.width / 2 + (turn - middle.x) * view.scale;
  const top = view.height / 2 - middle.y * view.scale;
  const drawn = ({ name, shapes }) => shapes.filter(isSeen).map(({ path }) => svg("path", { class: name, d: path }));
  return svg("g", { transform: `translate(${left} ${top}) scale(${view.scale})` }, ...LAYERS.flatMap(drawn));
}

/** Meridians and parallels, with their degrees once the view is narrow enough to read them. */
function grid(view, middle, toPx) {
  const step = GRID_STEPS.findLast((degrees) => degrees * view.scale >= GRID_APART_PX) ?? 30;
  const decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0;
  const half = { x: view.width / 2 / view.scale, y: view.height / 2 / view.scale };
  const corner = {
    northWest: unprojected({ x: 0, y: middle.y - half.y }),
    southEast: unprojected({ x: 0, y: middle.y + half.y }),
  };
  const lines = svg("g", { class: "grid" });
  for (const longitude of steps(middle.x - half.x, middle.x + half.x, step)) {
    const { left } = toPx({ x: longitude, y: 0 });
    lines.append(svg("path", { d: `M${left} 0V${view.height}` }), degrees(longitude, decimals, left + 3, view.height - 4));
  }
  for (const latitude of steps(corner.southEast.latitude, corner.northWest.latitude, step)) {
    const { top } = toPx(projected({ latitude, longitude: 0 }));
    lines.append(svg("path", { d: `M0 ${top}H${view.width}` }), degrees(latitude, decimals, 3, top - 3));
  }
  return lines;
}

function steps(from, to, step) {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

function degrees(value, decimals, x, y) {
  const turned = ((((value + 180) % 360) + 360) % 360) - 180;
  return svg("text", { x, y }, `${turned.toFixed(decimals)}°`);
}

/** As many towns as there is room for, the best known first. */
function towns(view, middle, toPx) {
  const group = svg("g", { class: "towns" });
  const [x, y] = [view.width / 2, view.height / 2];
  const taken = [{ left: x - 14, right: x + 14, top: y - 36, bottom: y + 4 }]; // the pin
  const finest = view.scale < 4 ? 0 : view.scale < 12 ? 1 : view.scale < 28 ? 2 : 3;
  for (const town of PLACES) {
    if (town.rank > finest) break;
    const { left, top } = toPx(nearTurn(projected(town), middle.x));
    const isFree = ({ box }) => isInside(box, view) && !taken.some((other) => overlap(box, other));
    const label = labels(left, top, town.name.length * 6.7).find(isFree);
    if (!label) continue;
    taken.push(label.box);
    group.append(
      svg("circle", { cx: left, cy: top, r: 2.5 }),
      svg("text", { x: label.x, y: label.y, "text-anchor": label.anchor }, town.name),
    );
  }
  return group;
}

/** Where a town's name may stand: right of its dot, left of it, or below. */
function labels(left, top, width) {
  const row = { top: top - 8, bottom: top + 8 };
  const below = { top: top + 5, bottom: top + 21 };
  return [
    { x: left + 6, y: top + 4, anchor: "start", box: { ...row, left: left - 4, right: left + 8 + width } },
    { x: left - 6, y: top + 4, anchor: "end", box: { ...row, left: left - 8 - width, right: left + 4 } },
    { x: left, y: top + 17, anchor: "middle", box: { ...below, left: left - width / 2, right: left + width / 2 } },
  ];
}

function isInside(box, { width, height }) {
  return box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height;
}

/** The same point on the copy of the world nearest to the middle of the view. */
function nearTurn({ x, y }, middleX) {
  return { x: x + 360 * Math.round((middleX - x) / 360), y };
}

function overlap(a, b) {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
}
