(function () {
  "use strict";
  var form = document.getElementById("filter");
  var box = form.querySelector("input");
  var count = document.getElementById("filter-count");
  var folds = Array.prototype.slice.call(document.querySelectorAll("details.fold"));
  var items = null;
  var groups = [];
  var opened = null;
  var waiting = 0;
  function collect() {
    if (items) { return; }
    items = Array.prototype.map.call(document.querySelectorAll("details.check, tr.item"), function (element) {
      var inside = [];
      for (var at = element.parentElement; at; at = at.parentElement) {
        if (at.matches(".area, .section, .more")) { inside.push(group(at)); }
      }
      return { element: element, text: (element.querySelector("summary") || element).textContent.toLowerCase(), groups: inside };
    });
  }
  function group(element) {
    for (var i = 0; i < groups.length; i += 1) { if (groups[i].element === element) { return groups[i]; } }
    groups.push({ element: element, shown: 0 });
    return groups[groups.length - 1];
  }
  function apply() {
    waiting = 0;
    collect();
    var wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    groups.forEach(function (g) { g.shown = 0; });
    items.forEach(function (item) {
      var match = wanted.every(function (word) { return item.text.indexOf(word) >= 0; });
      if (item.element.hidden === match) { item.element.hidden = !match; }
      if (match) {
        shown += 1;
        item.groups.forEach(function (g) { g.shown += 1; });
      }
    });
    groups.forEach(function (g) { g.element.hidden = !g.shown; });
    if (wanted.length && !opened) {
      opened = folds.map(function (fold) { return fold.open; });
      folds.forEach(function (fold) { fold.open = true; });
    }
    if (!wanted.length && opened) {
      folds.forEach(function (fold, i) { fold.open = opened[i]; });
      opened = null;
    }
    count.textContent = wanted.length ? shown + " of " + items.length : "";
  }
  function reveal() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) { box.value = ""; apply(); }
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") { at.open = true; }
    }
    if (target) { (target.closest("details.check") || target).scrollIntoView(); }
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  box.addEventListener("focus", collect);
  box.addEventListener("input", function () { if (!waiting) { waiting = requestAnimationFrame(apply); } });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
    if (event.key === "Escape" && document.activeElement === box) { box.value = ""; apply(); }
  });
  window.addEventListener("hashchange", reveal);
  if (location.hash) { reveal(); }
})();
