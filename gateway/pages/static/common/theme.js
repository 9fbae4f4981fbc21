/**
 * Light or dark, before anything is shown: a classic script, for a module would come too late.
 *
 * The choice is kept as `aicc.theme` (`light`, `dark`; none: as the system has it) and stands on the page's root as
 * `data-theme`. `preferences.js` changes it.
 */
(() => {
  try {
    const chosen = localStorage.getItem("aicc.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // without storage it is as the system has it
  }
})();
