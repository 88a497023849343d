// Runs the rules of axe-core for WCAG 2.2 A and AA, and best practice, with everything unfolded. Returns a line for each
// fault. What axe-core leaves undecided is a fault, unless `explained` has its rule and reason; then its contrast is
// computed here.
async (explained) => {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  for (const one of document.querySelectorAll("details")) one.open = true;
  const { violations, incomplete } = await axe.run(document, {
    elementRef: true,
    resultTypes: ["violations", "incomplete"],
    runOnly: { type: "tag", values: rules },
  });
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    const colour = element ? getComputedStyle(element).backgroundColor : "rgb(255, 255, 255)";
    return colour.endsWith(", 0)") ? ground(element.parentElement) : colour;
  };
  const contrast = (element) => {
    const { color, fill } = getComputedStyle(element);
    const text = element.closest("svg") ? fill : color;
    const [dark, light] = [luminance(text), luminance(ground(element))].sort((one, other) => one - other);
    return (light + 0.05) / (dark + 0.05);
  };
  const told = ({ id, nodes }) =>
    nodes.slice(0, 5).map(({ target, failureSummary }) =>
      `${id}: ${target.join(" ")}: ${failureSummary.split("\n").slice(1).join(" ").trim()}`);
  const undecided = ({ id, nodes }) =>
    nodes.flatMap(({ any, all, none, element, target }) => {
      const reasons = [...any, ...all, ...none].map(({ data }) => data?.messageKey ?? "");
      const within = explained.find(([rule, reason]) => rule === id && reasons.includes(reason))?.[2];
      if (within === undefined || !element.matches(within)) {
        return [`undecided: ${id} (${reasons}): ${target.join(" ")}`];
      }
      const found = contrast(element);
      return found < 4.5 ? [`contrast ${found.toFixed(2)}: ${target.join(" ")}`] : [];
    });
  return [...violations.flatMap(told), ...incomplete.flatMap(undecided).slice(0, 10)];
}
