// The slider of a map: exchanges classes, patterns and texts. Without scripts, links lead to the pages of other days.
const box = document.querySelector(".time[data-map]");
const figure = document.querySelector("figure.map");
if (box && figure) {
  const find = (selector) => box.querySelector(selector);
  const [start, slider, range, output, link, error] =
    [".start", ".slider", "input", "output", ".slider a", ".error"].map(find);
  const legend = figure.querySelector("ul.legend");
  const heading = document.querySelector(".map-day");
  box.hidden = false;

  const fill = (element, name) => element.setAttribute("fill", `url(#p-${name})`);

  const show = (data, at) => {
    const [day, words] = data.days[at];
    const changed = [];
    for (const [code, [name, steps]] of Object.entries(data.countries)) {
      const shape = document.getElementById(`c-${code}`)?.firstElementChild;
      const step = steps.findLast((one) => one[0] <= at) ?? steps[0];
      const [look, label] = data.statuses[step[1]];
      const text = name + data.separator + (step[2] ?? label);
      if (shape) {
        shape.setAttribute("class", look);
        fill(shape, look);
        shape.firstElementChild.textContent = text;
      }
      if (step[0] === at && at > 0) changed.push(text);
    }
    const lines = data.counts[at].flatMap((count, status) => {
      if (count === 0) return [];
      const [look, label] = data.statuses[status];
      const line = legend.firstElementChild.cloneNode(true);
      fill(line.querySelector("rect"), look);
      line.lastElementChild.textContent = label + data.separator + count;
      return [line];
    });
    legend.replaceChildren(...lines);
    const more = changed.length > 6 ? ` +${changed.length - 6}` : "";
    output.textContent = words + (changed.length ? data.separator + changed.slice(0, 6).join("; ") + more : "");
    heading.textContent = words;
    range.setAttribute("aria-valuetext", words);
    link.href = box.dataset.on.replace("DAY", day);
  };

  start.addEventListener("click", async () => {
    start.disabled = true;
    let data;
    try {
      const response = await fetch(box.dataset.map);
      if (!response.ok) throw new Error(response.status);
      data = await response.json();
    } catch {
      start.disabled = false;
      error.textContent = error.dataset.failed;
      return;
    }
    error.textContent = "";
    start.hidden = true;
    slider.hidden = false;
    range.max = data.days.length - 1;
    const on = box.dataset.day;
    range.value = Math.max(0, data.days.findLastIndex((one) => one[0] <= on));
    const move = (by) => {
      range.value = range.valueAsNumber + by;
      show(data, range.valueAsNumber);
    };
    range.addEventListener("input", () => move(0));
    find(".earlier").addEventListener("click", () => move(-1));
    find(".later").addEventListener("click", () => move(1));
    move(0);
    range.focus();
  });
}
