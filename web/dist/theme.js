// Runs before the first picture, so that a remembered theme does not flash.
try {
  var theme = localStorage.getItem("assay.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (e) {
  // Storage is forbidden here: the system's theme stands.
}
