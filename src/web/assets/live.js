// Tells how many changes were committed since the page was opened. The connection is open only while the page is visible.
const box = document.getElementById("live");
let source;
let timer;

function listen() {
  source = new EventSource(`/changes/live?after=${encodeURIComponent(box.dataset.after)}`);
  source.addEventListener("message", (event) => {
    const { count } = JSON.parse(event.data);
    if (count > 0) {
      const text = count === 1 ? box.dataset.one : box.dataset.many;
      box.querySelector("span").textContent = text.replace("#", count);
      box.hidden = false;
    }
  });
}

function follow() {
  clearTimeout(timer);
  source?.close();
  if (document.visibilityState === "visible") {
    timer = setTimeout(listen, 5000);
  }
}

if (box) {
  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", () => source?.close());
  follow();
}
