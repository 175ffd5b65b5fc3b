// Puts another body in the place of the one there is, each time, as frameworks do that swap whole pages.
"use strict";
let view = 1;
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("#next") : null;
  if (!button) return;
  view += 1;
  const body = document.createElement("body");
  // Only what is this page's own goes over: whatever else stood in the body goes with it.
  for (const part of document.body.querySelectorAll(":scope > header, :scope > main")) body.append(part.cloneNode(true));
  document.body.replaceWith(body);
  document.getElementById("view").textContent = `View ${view}. The body is another one since; the assistant is still there.`;
  document.getElementById("next").focus();
});
