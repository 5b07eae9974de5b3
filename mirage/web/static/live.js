// Keeps the library as the server has it: an event says that something changed, then the page is
// fetched again, and what differs is exchanged.
const live = document.getElementById("live");
let source, timer, asking = false, again = false;

const exchange = (old, now) => {
  if (old.isEqualNode(now)) return;
  const rows = old.querySelector("#rows"), fresh = now.querySelector("#rows");
  if (rows?.tagName !== "TBODY" || fresh?.tagName !== "TBODY") return old.replaceWith(now);
  for (const id of ["counts", "tabs", "folders", "following"]) {
    const was = document.getElementById(id), is = now.querySelector("#" + id);
    if (was && is && !was.isEqualNode(is)) was.replaceChildren(...is.childNodes);
    else if (is && !was) rows.closest("table").before(is);
    else if (was && !is) was.remove();
  }
  const known = new Map([...rows.children].map((row) => [row.id, row]));
  let place = rows.firstElementChild;
  for (let row of [...fresh.children]) {
    const same = known.get(row.id);
    known.delete(row.id);
    if (same?.isEqualNode(row) || same?.contains(document.activeElement)) {
      if (!same.isEqualNode(row)) same.replaceChild(row.children[1], same.children[1]);
      row = same;
    } else if (same) {
      if (place === same) place = row;
      same.replaceWith(row);
    }
    if (row === place) place = row.nextElementSibling;
    else rows.insertBefore(row, place);
  }
  for (const row of known.values()) row.remove();
};

const refresh = async () => {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) location.reload(); // The session is over.
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("live"), old = document.getElementById("live");
    if (now && old) exchange(old, document.adoptNode(now));
  } catch { /* The next event tries again. */ } finally {
    asking = false;
    if (again) { again = false; soon(); }
  }
};
const soon = () => { timer ??= setTimeout(() => { timer = null; refresh(); }, 1000); };

// Closed while nobody looks: a browser has six connections per host.
const follow = () => {
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource(live.dataset.events);
  source.addEventListener("document", soon);
  source.addEventListener("deleted", soon);
  source.addEventListener("error", () => {
    soon();
    if (source?.readyState === EventSource.CLOSED) setTimeout(follow, 10000);
  });
};
document.addEventListener("visibilitychange", () => { follow(); if (!document.hidden) soon(); });
addEventListener("mirage:added", soon);
follow();
