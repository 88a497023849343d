// Faults of the layout: what is wider than the window and in no region that scrolls by itself, targets smaller than 24
// pixels that stand in no text (WCAG 2.2, 2.5.8), and texts that are cut or leave their box.
() => {
  const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const said = (element) => `${element.localName}.${element.className}: ${element.textContent.trim().slice(0, 40)}`;
  for (const one of document.querySelectorAll("details")) one.open = true;
  const wide = document.documentElement.scrollWidth > innerWidth
    ? all("body *").filter((one) => !one.parentElement.closest(".scroll, pre") && !one.closest(".hidden, .skip"))
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
      .map((one) => `wider than the window: ${said(one)}`)
      .concat(`scrolls sideways: ${document.documentElement.scrollWidth} > ${innerWidth}`)
    : [];
  const small = all("button, summary, nav a, input:not([type=hidden])").flatMap((one) => {
    const { width, height } = one.getBoundingClientRect();
    const is_small = width > 1 && (width < 24 || height < 24);
    return is_small ? [`smaller than 24 pixels: ${one.outerHTML.slice(0, 80)} ${width}×${height}`] : [];
  });
  const cut = all("body *").filter((one) => !one.closest(".hidden, svg, input, textarea")).flatMap((one) => {
    const { overflowX, overflowY } = getComputedStyle(one);
    const is_closed = (overflow) => one.localName === "button" || ["hidden", "clip"].includes(overflow);
    const is_cut = (is_closed(overflowX) && one.scrollWidth > one.clientWidth + 1)
      || (is_closed(overflowY) && one.scrollHeight > one.clientHeight + 1);
    return is_cut ? [`cut: ${said(one)}`] : [];
  });
  const box = (element) => {
    const { display } = getComputedStyle(element);
    return display === "inline" || display === "contents" ? box(element.parentElement) : element;
  };
  const outside = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (!data.trim() || !parentElement.checkVisibility() || parentElement.closest(".hidden, .skip, pre, svg, option")) {
      continue;
    }
    range.selectNodeContents(texts.currentNode);
    const [text, around] = [range, box(parentElement)].map((one) => one.getBoundingClientRect());
    const is_outside = text.left < around.left - 2 || text.right > around.right + 2
      || text.top < around.top - 4 || text.bottom > around.bottom + 4;
    if (text.width > 0 && is_outside) outside.push(`leaves its box: ${said(parentElement)}`);
  }
  return [...wide, ...small, ...cut, ...outside.slice(0, 5)];
}
