/** Drawing the world on Mercator's projection, from outlines that come with this page. */

import { svg } from "./dom.js";
import { PLACES } from "./places.js";
import { LAKES, LAND, RIVERS } from "./world.js";

/** A point in degrees. @typedef {{latitude: number, longitude: number}} Point */

/** Pixels for one degree of longitude. */
export const SCALE = { world: 1, continent: 12, region: 60, nearest: 1500 };

const MOST_NORTHERN = 84;
const GRID_STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const GRID_APART_PX = 70;
const COPIES = [-360, 0, 360];

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
  const toPx = ({ x, y }) => ({ left: view.width / 2 + (x - middle.x) * view.scale, top: view.height / 2 + (y - middle.y) * view.scale });
  const map = svg("svg", { class: "map", viewBox: `0 0 ${view.width} ${view.height}`, "aria-hidden": "true", focusable: "false" });
  map.append(...COPIES.map((turn) => world(view, middle, turn)).filter(Boolean), grid(view, middle, toPx), towns(view, middle, toPx));
  return map;
}

/** The small map of a bubble: a point with a pin on it. @param {Point & {width: number, height: number}} place */
export function pointMap({ latitude, longitude, width, height }) {
  const map = drawMap({ center: { latitude, longitude }, scale: SCALE.region / 2, width, height });
  map.append(pin(width / 2, height / 2));
  return map;
}

/** A pin whose tip is at the given px. */
export function pin(left, top) {
  const drop = "M0 0C-4-9-11-13-11-22a11 11 0 0 1 22 0C11-13 4-9 0 0z";
  return svg("g", { class: "pin", transform: `translate(${left} ${top})` }, svg("path", { d: drop }), svg("circle", { cy: -22, r: 4.5 }));
}

function world(view, middle, turn) {
  const half = view.width / 2 / view.scale;
  const isSeen = ({ west, east }) => east + turn > middle.x - half && west + turn < middle.x + half;
  const place = `translate(${view.width / 2 + (turn - middle.x) * view.scale} ${view.height / 2 - middle.y * view.scale}) scale(${view.scale})`;
  const paths = LAYERS.flatMap(({ name, shapes }) => shapes.filter(isSeen).map(({ path }) => svg("path", { class: name, d: path })));
  return paths.length > 0 ? svg("g", { transform: place }, ...paths) : null;
}

/** Meridians and parallels, with their degrees once the view is narrow enough to read them. */
function grid(view, middle, toPx) {
  const step = GRID_STEPS.findLast((degrees) => degrees * view.scale >= GRID_APART_PX) ?? 30;
  const decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0;
  const half = { x: view.width / 2 / view.scale, y: view.height / 2 / view.scale };
  const corner = { northWest: unprojected({ x: 0, y: middle.y - half.y }), southEast: unprojected({ x: 0, y: middle.y + half.y }) };
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
  const taken = [{ left: view.width / 2 - 14, right: view.width / 2 + 14, top: view.height / 2 - 36, bottom: view.height / 2 + 4 }];
  const finest = view.scale < 4 ? 0 : view.scale < 12 ? 1 : view.scale < 28 ? 2 : 3;
  for (const town of PLACES) {
    if (town.rank > finest) break;
    const { left, top } = toPx(nearTurn(projected(town), middle.x));
    const box = { left: left - 5, right: left + 10 + town.name.length * 6.5, top: top - 8, bottom: top + 8 };
    if (box.left < 0 || box.right > view.width || box.top < 0 || box.bottom > view.height) continue;
    if (taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    group.append(svg("circle", { cx: left, cy: top, r: 2.5 }), svg("text", { x: left + 6, y: top + 4 }, town.name));
  }
  return group;
}

/** The same point on the copy of the world nearest to the middle of the view. */
function nearTurn({ x, y }, middleX) {
  return { x: x + 360 * Math.round((middleX - x) / 360), y };
}

function overlap(a, b) {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
}
