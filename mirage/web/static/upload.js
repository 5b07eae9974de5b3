// Sends files and folders, two at a time, with their progress; without it the form sends one file.
const form = document.getElementById("upload"), list = document.getElementById("uploads");
const summary = document.getElementById("upload-summary"), says = form.dataset;
const files = document.getElementById("files"), folder = document.getElementById("folder");
const waiting = [];
let running = 0, total = 0, done = 0, failed = 0;

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const tell = () => { summary.textContent = total ? fill(says.summary, { done, total, failed }) : ""; };

const add = (file, name) => {
  const item = document.createElement("li"), label = document.createElement("bdi");
  const bar = document.createElement("progress"), note = document.createElement("span");
  label.textContent = name;
  bar.max = 1; bar.value = 0;
  bar.setAttribute("aria-label", name);
  item.append(label, " ", bar, " ", note);
  list.append(item);
  total += 1;
  const job = { file, name, item, bar, note };
  // A refusal in the middle of a large body looks like a lost connection to a browser.
  if (file.size > Number(says.most)) settle(job, says.large, true);
  else waiting.push(job);
  tell();
  next();
};

const next = () => {
  while (running < 2 && waiting.length) send(waiting.shift());
};

const settle = (job, text, bad) => {
  job.bar.remove();
  job.note.textContent = text;
  job.item.className = bad ? "failed" : "ready";
  done += 1;
  if (bad) failed += 1;
  else setTimeout(() => job.item.remove(), 15000);
  dispatchEvent(new Event("mirage:added"));
};

const read = (request) => { try { return JSON.parse(request.responseText); } catch { return {}; } };

const finish = (job, request) => {
  const answer = read(request), seconds = Number(request.getResponseHeader("Retry-After"));
  if (request.status === 503 && job.tries !== 5) {
    job.tries = (job.tries || 0) + 1;
    job.note.textContent = says.retry;
    setTimeout(() => { waiting.unshift(job); next(); }, 1000 * (seconds || 5));
  } else if (request.status === 200 && answer.name) {
    settle(job, answer.known ? fill(says.known, answer) : says.added, false);
  } else if (request.status === 401) {
    location.reload(); // The session is over.
  } else {
    const detail = [answer.said || answer.detail, answer.said ? answer.detail : answer.remedy];
    const status = { status: request.status };
    settle(job, detail.filter(Boolean).join(" ") || fill(says.proxy, status), true);
  }
};

const send = (job) => {
  const request = new XMLHttpRequest(), body = new FormData();
  running += 1;
  body.append("file", job.file, job.name);
  request.upload.onprogress = (event) => { job.bar.value = event.loaded / (event.total || 1); };
  request.onload = () => finish(job, request);
  request.onerror = () => settle(job, says.lost, true);
  request.onloadend = () => { running -= 1; tell(); next(); };
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
};

const walk = async (entry, path) => {
  if (entry.isFile) {
    const file = await new Promise((good, bad) => entry.file(good, bad));
    return add(file, path + file.name);
  }
  const reader = entry.createReader();
  for (;;) { // A reader returns some entries at a time.
    const some = await new Promise((good, bad) => reader.readEntries(good, bad));
    if (!some.length) return;
    for (const inner of some) await walk(inner, `${path}${entry.name}/`);
  }
};

form.classList.add("scripted");
files.multiple = true;
files.required = false;
folder.parentElement.hidden = false;
form.querySelector("button").hidden = true;
for (const input of [files, folder])
  input.addEventListener("change", () => {
    for (const file of input.files) add(file, file.webkitRelativePath || file.name);
    input.value = "";
  });

const over = (is) => document.body.classList.toggle("dropping", is);
const carries = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => { if (carries(event)) { event.preventDefault(); over(true); } });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
addEventListener("blur", () => over(false));
document.addEventListener("visibilitychange", () => over(false));
addEventListener("drop", async (event) => {
  over(false);
  if (!carries(event)) return;
  event.preventDefault();
  // All at once: they are gone after the first wait.
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry() || item.getAsFile());
  for (const item of items) {
    if (item instanceof File) add(item, item.name);
    else await walk(item, "");
  }
});
addEventListener("beforeunload", (event) => { if (running || waiting.length) event.preventDefault(); });
