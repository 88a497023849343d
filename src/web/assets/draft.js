// Asks before a person leaves a form with changes that were not sent. A form that comes back with faults counts as changed.
for (const form of document.querySelectorAll("form[data-draft]")) {
  let isChanged = form.dataset.draft === "changed";
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}
