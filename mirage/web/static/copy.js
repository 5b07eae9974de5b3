// Copies a citation with its link: buttons with data-copy, which stay hidden without scripts.
const put = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // Without TLS there is no clipboard.
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};
for (const button of document.querySelectorAll("[data-copy]")) {
  const { copy, link, done } = button.dataset, name = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await put([copy, link && new URL(link, location.href).href].filter(Boolean).join("\n"));
    button.textContent = done;
    setTimeout(() => { button.textContent = name; button.focus(); }, 2000);
  });
}
