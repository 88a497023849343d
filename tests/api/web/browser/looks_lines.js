// Contrasts that are too low: 3 to 1 for borders on the map with the areas on both sides, and for lines of charts with the
// page; 4.5 to 1 for texts in charts, for texts in forced colours, and for the colours of the style sheet.
() => {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((low, high) => low - high);
    return (light + 0.05) / (dark + 0.05);
  };
  const faults = new Set();
  const expect = (one, other, least, name) => {
    const found = contrast(one, other);
    if (found < least) faults.add(`${name}: ${one} on ${other} is ${found.toFixed(2)}`);
  };
  const style = (element) => getComputedStyle(element);
  const page = style(document.documentElement).backgroundColor;
  const map = document.querySelector("figure.map > svg");
  for (const area of map ? map.querySelectorAll("a > *") : []) {
    const name = area.getAttribute("class");
    const ground = style(map.querySelector(`#p-${name} rect`));
    expect(style(area).stroke, ground.fill, 3, `border of ${name}`);
    const is_bound = contrast(ground.fill, style(map).backgroundColor) >= 3;
    if (!is_bound) expect(style(area).stroke, style(map).backgroundColor, 3, `border of ${name} with the sea`);
  }
  for (const drawing of document.querySelectorAll("svg[role=img]")) {
    for (const text of drawing.querySelectorAll("text")) expect(style(text).fill, page, 4.5, "text");
    for (const line of drawing.querySelectorAll(".line")) expect(style(line).stroke, page, 3, "line");
  }
  const sample = document.body.appendChild(document.createElement("p"));
  const colour = (name) => {
    sample.style.color = `var(--${name})`;
    return style(sample).color;
  };
  const pairs = [
    ...["page", "soft"].flatMap((ground) => ["text", "quiet", "link", "warn", "wrong"].map((text) => [text, ground])),
    ...["added", "removed"].map((ground) => ["text", ground]),
    ["accent-text", "accent"],
  ];
  if (!matchMedia("(forced-colors: active)").matches) {
    for (const [text, ground] of pairs) expect(colour(text), colour(ground), 4.5, `--${text}`);
  } else {
    // The browser paints the ground of the page behind each text.
    for (const text of document.querySelectorAll("body *:not(svg *)")) expect(style(text).color, page, 4.5, text.localName);
  }
  return [...faults];
}
