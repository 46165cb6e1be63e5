(function () {
  "use strict";
  var form = document.getElementById("filter");
  var box = form.querySelector("input");
  var count = document.getElementById("filter-count");
  var checks = Array.prototype.slice.call(document.querySelectorAll("details.check"));
  var folds = Array.prototype.slice.call(document.querySelectorAll("details.fold"));
  var opened = null;
  function words(element) { return element.querySelector("summary").textContent.toLowerCase(); }
  function apply() {
    var wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    checks.forEach(function (check) {
      var text = words(check);
      check.hidden = !wanted.every(function (word) { return text.indexOf(word) >= 0; });
      if (!check.hidden) { shown += 1; }
    });
    document.querySelectorAll(".area, .section").forEach(function (group) {
      if (group.querySelector("details.check")) { group.hidden = !group.querySelector("details.check:not([hidden])"); }
    });
    if (wanted.length && !opened) {
      opened = folds.map(function (fold) { return fold.open; });
      folds.forEach(function (fold) { fold.open = true; });
    }
    if (!wanted.length && opened) {
      folds.forEach(function (fold, i) { fold.open = opened[i]; });
      opened = null;
    }
    count.textContent = wanted.length ? shown + " of " + checks.length + " checks" : "";
  }
  function reveal() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") { at.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  box.addEventListener("input", apply);
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
    if (event.key === "Escape" && document.activeElement === box) { box.value = ""; apply(); }
  });
  window.addEventListener("hashchange", reveal);
  if (location.hash) { reveal(); }
})();
