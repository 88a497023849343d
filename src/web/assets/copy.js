// Buttons that copy the text of another element. Without scripts, the buttons stay hidden.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (source && navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", () => navigator.clipboard.writeText(source.textContent.trim()));
  }
}
