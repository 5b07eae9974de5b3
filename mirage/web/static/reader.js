// Says so if the picture of a page cannot be drawn; without scripts its alternative text stands there.
const picture = document.querySelector(".sheet img");
const say = () => {
  document.getElementById("not-drawn").hidden = false;
  picture.closest(".sheet").hidden = true;
};
if (picture?.complete && !picture.naturalWidth) say();
else picture?.addEventListener("error", say);
