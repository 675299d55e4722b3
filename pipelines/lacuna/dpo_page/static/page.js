"use strict";
// Light or dark as Airflow's own pages are: they keep their choice in the storage of this origin.
(() => {
  const root = document.documentElement;
  const framed = window.parent !== window;
  const follow = () => {
    let chosen = null;
    try {
      const outer = framed ? window.parent.document.documentElement.classList : null;
      if (outer && (outer.contains("dark") || outer.contains("light"))) {
        chosen = outer.contains("dark") ? "dark" : "light";
      } else {
        chosen = window.localStorage.getItem("theme");
      }
    } catch (error) {
      chosen = null; // another origin around us, or no storage: as the system has it
    }
    root.classList.toggle("dark", chosen === "dark");
    root.classList.toggle("light", chosen === "light");
  };
  follow();
  window.addEventListener("storage", follow);
  try {
    if (framed) {
      new MutationObserver(follow).observe(window.parent.document.documentElement, {
        attributes: true,
        attributeFilter: ["class"],
      });
    }
  } catch (error) {
    // another origin around us
  }
  // To the first field that has to be corrected, which may be far down.
  const wrong = document.querySelector("[aria-invalid], form .wrong");
  if (wrong) {
    const before = (field) => wrong.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_PRECEDING;
    const fields = [...wrong.closest("form").elements].filter((one) => one.matches("input:not([type=hidden]), select, textarea") && before(one));
    const field = wrong.matches("[aria-invalid]") ? wrong : fields.at(-1);
    if (field) field.focus();
  }
  // A link to Airflow itself opens around the frame, not in it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-airflow]");
    if (!link || !framed) return;
    event.preventDefault();
    const outer = window.parent.document.createElement("a");
    outer.href = link.href;
    outer.click();
  });
})();
