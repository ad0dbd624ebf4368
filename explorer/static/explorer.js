"use strict";
// Pages work without this: filters that change submit their form at once.
for (const form of document.querySelectorAll("form[data-at-once]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
// What has the focus in a region that scrolls is brought wholly into sight, beside what sticks there.
for (const region of document.querySelectorAll(".matrix-scroll")) {
  region.addEventListener("focusin", (event) => {
    if (event.target !== region) event.target.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  });
}
