// SPDX-License-Identifier: Apache-2.0
// What a page does beyond being read: the live stream of requests, and lists
// that can be narrowed.
"use strict";

function follow(table) {
  const state = document.getElementById("live");
  const summary = document.getElementById("summary");
  const pause = document.getElementById("pause");
  const body = table.tBodies[0];
  let paused = false, waiting = null, fresh = 0, said = 0;

  const say = (text, name) => {
    state.hidden = false;
    state.className = "live " + name;
    if (state.textContent !== text) state.textContent = text;
  };

  const show = (event) => {
    const focus = document.activeElement && body.contains(document.activeElement)
      ? { row: document.activeElement.closest("tr").dataset.number, at: [...document.activeElement.closest("tr").querySelectorAll("a")].indexOf(document.activeElement) } : null;
    if (summary.innerHTML !== event.summary && !summary.contains(document.activeElement)) summary.innerHTML = event.summary;
    const rows = new Map([...body.rows].map((r) => [r.dataset.number, r]));
    for (const row of event.rows || []) {
      const made = document.createElement("template");
      made.innerHTML = row.html;
      const tr = made.content.firstElementChild;
      if (!rows.has(String(row.number)) && event.fresh) tr.classList.add("fresh");
      const old = rows.get(String(row.number));
      if (old) old.replaceWith(tr);
      rows.set(String(row.number), tr);
    }
    const wanted = event.only.map(String);
    for (const [number, row] of rows) if (!wanted.includes(number)) row.remove();
    wanted.forEach((number, i) => {
      const row = rows.get(number);
      if (row && body.rows[i] !== row) body.insertBefore(row, body.rows[i] || null);
    });
    if (focus) {
      const row = body.querySelector(`tr[data-number="${CSS.escape(focus.row)}"]`);
      if (row && row !== document.activeElement.closest("tr")) row.querySelectorAll("a")[focus.at]?.focus();
    }
  };

  // Rows that came while the page was paused are put together, the newest word
  // about each.
  const keep = (event) => {
    if (waiting) {
      const rows = new Map([...(waiting.rows || []), ...(event.rows || [])].map((r) => [r.number, r]));
      event.rows = [...rows.values()].filter((r) => event.only.includes(r.number));
      event.fresh += waiting.fresh;
    }
    waiting = event;
    say(`Paused, ${waiting.fresh} new`, "paused");
  };

  // A screen reader hears how many came, not each, and not more often than
  // every five seconds.
  const announce = (n) => {
    fresh += n;
    const now = Date.now();
    if (fresh === 0) return say(state.textContent.startsWith("Live") ? state.textContent : "Live", "on");
    if (now - said < 5000) return;
    say(`Live, ${fresh} new at ${new Date().toISOString().slice(11, 19)}`, "on");
    said = now;
    fresh = 0;
  };

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    if (paused) return say("Paused", "paused");
    say("Live", "on");
    if (waiting) show(waiting);
    waiting = null;
  });

  let source = null;
  const open = () => {
    source = new EventSource(table.dataset.live);
    source.addEventListener("open", () => { if (!paused) say("Live", "on"); });
    source.addEventListener("requests", (message) => {
      const event = JSON.parse(message.data);
      if (paused) return keep(event);
      show(event);
      announce(event.fresh);
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) say("Not live: load the page again", "off");
      else say("Connection lost, trying again", "off");
    });
  };
  open();
  // A page that is left shall not hold one of the streams.
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (e) => { if (e.persisted) open(); });
}

function narrow(input) {
  const list = document.getElementById(input.dataset.narrows);
  input.closest(".js").hidden = false;
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of list.children) {
      const text = item.textContent.toLowerCase();
      item.hidden = !words.every((w) => text.includes(w));
    }
  };
  // Switching loads the page again; what was looked for stays, and so does the
  // place of the keyboard.
  const kept = "narrow " + input.dataset.narrows;
  const target = list.contains(document.querySelector(":target")) ? document.querySelector(":target") : null;
  if (target) input.value = sessionStorage.getItem(kept) || "";
  apply();
  if (target && !target.hidden) {
    target.querySelector("button").focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  }
  input.addEventListener("input", () => { sessionStorage.setItem(kept, input.value); apply(); });
  input.addEventListener("keydown", (e) => { if (e.key === "Enter") e.preventDefault(); });
}

const table = document.querySelector("table[data-live]");
if (table) follow(table);
document.querySelectorAll("input[data-narrows]").forEach(narrow);
