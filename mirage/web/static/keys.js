// Keys: / to search, j and k through the list, ← and → through pages, ? for help.
const box = document.getElementById("q"), help = document.getElementById("help");
const step = (by) => {
  const links = [...document.querySelectorAll("main h2 a, main tbody th a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by, 0), links.length - 1)].focus();
};
const does = {
  "/": () => { box?.focus(); box?.select(); },
  j: () => step(1),
  k: () => step(-1),
  ArrowLeft: () => document.querySelector("a[rel=prev]")?.click(),
  ArrowRight: () => document.querySelector("a[rel=next]")?.click(),
  "?": () => help?.showModal(),
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
  } else if (does[event.key]) {
    if (!event.key.startsWith("Arrow")) event.preventDefault();
    does[event.key]();
  }
});
