(function () {
  "use strict";
  var figure = document.getElementById("map-figure");
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  all("details").forEach(function (d) { d.dataset.was = "no"; });
  window.addEventListener("beforeprint", function () {
    all("details").forEach(function (d) { d.dataset.was = d.open ? "yes" : "no"; d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    all("details").forEach(function (d) { d.open = d.dataset.was === "yes"; });
  });
  if (!figure) { return; }
  var readout = figure.querySelector(".readout");
  var chips = all(".chip", figure);
  var touched = all("[data-flow], [data-flows]", figure);
  var held = null;
  var flowsOf = function (el) {
    if (el.dataset.flow) { return [el.dataset.flow]; }
    return (el.dataset.flows || "").split(" ").filter(Boolean);
  };
  var say = function (el) {
    var text = el.dataset.say;
    if (!text) {
      chips.forEach(function (chip) { if (chip.dataset.flow === el.dataset.flow) { text = chip.dataset.say; } });
    }
    return text || "";
  };
  var show = function (el) {
    var flows = el ? flowsOf(el) : [];
    figure.classList.toggle("active", Boolean(el));
    touched.forEach(function (other) {
      var on = Boolean(el) ? flowsOf(other).some(function (flow) { return flows.indexOf(flow) !== -1; }) : false;
      other.classList.toggle("on", on || other === el);
    });
    if (readout) {
      var text = el ? say(el) : readout.dataset.rest;
      if (el ? flows.length !== 1 || !el.dataset.flow : false) { text += flows.length ? " · " + flows.join(", ") : ""; }
      readout.textContent = text;
    }
  };
  var near = function (target) {
    return target instanceof Element ? target.closest("[data-flow], [data-flows]") : null;
  };
  var over = function (event) {
    var el = near(event.target);
    if (el) { show(el); } else { show(held); }
  };
  figure.addEventListener("mouseover", over);
  figure.addEventListener("mouseleave", function () { show(held); });
  figure.addEventListener("focusin", over);
  figure.addEventListener("focusout", function () { show(held); });
  var hold = function (el) {
    held = held === el ? null : el;
    chips.forEach(function (chip) { chip.setAttribute("aria-pressed", chip === held ? "true" : "false"); });
    show(held || el);
  };
  figure.addEventListener("click", function (event) {
    var el = near(event.target);
    if (el) { hold(el); } else if (held) { hold(held); show(null); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" ? held : false) { hold(held); show(null); }
    if (event.key === "Enter" ? document.activeElement.closest("svg") : false) { var el = near(document.activeElement); if (el) { hold(el); } }
  });
})();
