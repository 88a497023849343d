// Draws all patterns of the map beside each other, for a picture of them. Returns the names of the patterns.
() => {
  const patterns = [...document.querySelectorAll("figure.map pattern")].map(({ id }) => id);
  const drawing = document.querySelector("figure.map > svg").cloneNode(false);
  drawing.setAttribute("viewBox", `0 0 ${48 * patterns.length} 48`);
  for (const [at, id] of patterns.entries()) {
    const sample = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const attributes = { x: 48 * at, y: 0, width: 48, height: 48, fill: `url(#${id})` };
    for (const [name, value] of Object.entries(attributes)) sample.setAttribute(name, value);
    drawing.append(sample);
  }
  const style = { position: "fixed", top: 0, left: 0, width: `${48 * patterns.length}px`, height: "48px", border: 0 };
  Object.assign(drawing.style, style, { zIndex: 9 });
  document.querySelector("figure.map").append(drawing);
  return patterns.map((id) => id.slice(2));
}
