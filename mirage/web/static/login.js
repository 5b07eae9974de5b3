// Logs in with the key in an address such as /login#key=…: the part after # is never sent.
const key = new URLSearchParams(location.hash.slice(1)).get("key");
if (key) {
  history.replaceState(null, "", location.pathname + location.search);
  const form = document.getElementById("login");
  form.elements.key.value = key;
  form.requestSubmit();
}
