"use strict";
// Pages work without this.
// What has the focus in a region that scrolls is brought wholly into sight, beside what sticks there.
for (const region of document.querySelectorAll(".matrix-scroll")) {
  region.addEventListener("focusin", (event) => {
    if (event.target !== region) event.target.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  });
}
