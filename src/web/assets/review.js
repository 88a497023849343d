// Review pages: keys that move the focus, and a notice when contributions change. Nothing here sends a form.
const keys = document.querySelector("[data-keys]");
const items = [...document.querySelectorAll("[data-item]")];
const off = "review-keys-off";
if (keys) {
  const box = keys.querySelector("input");
  box.checked = !sessionStorage.getItem(off);
  keys.hidden = false;
  // Stored only once the person has switched the keys off.
  box.addEventListener("change", () => box.checked ? sessionStorage.removeItem(off) : sessionStorage.setItem(off, "1"));
  const go = (to) => { to?.focus(); to?.scrollIntoView({ block: "nearest" }); return to; };
  const step = (by) => {
    const here = items.findIndex((item) => item.contains(document.activeElement));
    return go(items[here < 0 ? (by > 0 ? 0 : items.length - 1) : here + by]);
  };
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("textarea, select, input:not([type=checkbox], [type=radio]), [contenteditable]")) return;
    let moved;
    if (event.key === "j") moved = step(1);
    else if (event.key === "k") moved = step(-1);
    else if (event.key === "?") moved = go(box);
    else if (/^[arc]$/.test(event.key)) moved = go(document.querySelector(`[data-key="${event.key}"]`));
    if (moved) event.preventDefault();
  });
}
// The connection is open only while the page is visible. After a pause, it tells what was missed.
const live = document.querySelector("[data-live]");
if (live) {
  const { id, after } = live.dataset;
  const notice = live.firstElementChild;
  const count = live.querySelector("[data-count]");
  const changed = new Set();
  let last = after;
  let events;
  const open = () => {
    events = new EventSource(`${live.dataset.live}?${new URLSearchParams(id ? { after: last, id } : { after: last })}`);
    events.onmessage = (event) => {
      last = event.lastEventId || last;
      const change = JSON.parse(event.data);
      changed.add(change.id);
      if (count) count.textContent = changed.size;
      notice.hidden = false;
    };
  };
  const follow = () => {
    if (document.hidden) { events?.close(); events = undefined; }
    else if (!events) open();
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}
