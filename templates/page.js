"use strict";
(() => {
  const all = (query, within = document) => [...within.querySelectorAll(query)];
  const one = (query) => document.querySelector(query);
  const steps = all(".step");
  const stops = all(".stop");
  const stepOf = stops.map((stop) => steps.indexOf(stop.closest(".step")));
  const plan = steps.map((step) => Number(step.dataset.seconds));
  const whole = plan.reduce((sum, seconds) => sum + seconds, 0);
  const spent = steps.map(() => 0);
  const tabs = all("[data-step]");
  const clocks = { step: one("[data-clock=step]"), all: one("[data-clock=all]") };
  const darkRules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule.media?.mediaText.includes("prefers-color-scheme"));
  const blank = one("[data-blank]");
  const pauseButton = one("[data-do=pause]");
  let at = 0, running = false, paused = false, since = 0, dark = null;

  const shown = (seconds) => {
    const whole = Math.floor(seconds + 0.001);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };
  const state = (seconds, planned) =>
    !running && !seconds ? "idle" : seconds > planned ? "over" : seconds >= 0.8 * planned ? "late" : "good";
  const now = () => stepOf[at] ?? 0;

  function count() {
    const time = performance.now();
    if (running) spent[now()] += (time - since) / 1000;
    since = time;
  }
  function tick() {
    count();
    const total = spent.reduce((sum, seconds) => sum + seconds, 0);
    for (const [clock, seconds, planned] of [[clocks.step, spent[now()], plan[now()]], [clocks.all, total, whole]]) {
      const state_ = state(seconds, planned);
      if (clock.dataset.state !== state_) clock.dataset.state = state_;
      clock.querySelector("b").textContent = shown(seconds);
      clock.querySelector(".of").textContent = `/ ${shown(Math.round(planned))}`;
    }
  }
  function run(go) {
    count();
    running = go;
    paused = !go;
    pauseButton.setAttribute("aria-pressed", String(!go));
    tick();
  }
  function show(target, moved = true) {
    const next = Math.max(0, Math.min(stops.length - 1, target));
    count();
    at = next;
    stops.forEach((stop, index) => {
      stop.classList.toggle("now", index === at);
      stop.classList.toggle("next", index === at + 1);
    });
    all(".cue").forEach((cue) => cue.classList.toggle("now", cue.contains(stops[at])));
    steps.forEach((step, index) => step.classList.toggle("now", index === now()));
    tabs.forEach((tab, index) => (index === now() ? tab.setAttribute("aria-current", "step") : tab.removeAttribute("aria-current")));
    one("[data-where]").textContent = `${at + 1} / ${stops.length}`;
    const lines = stops[at]?.closest(".lines");
    if (lines) {
      const first = stops[at].closest(".cue").querySelector(".stop") === stops[at];
      const top = first ? stops[at].closest(".cue") : stops[at];
      lines.scrollTop += top.getBoundingClientRect().top - lines.getBoundingClientRect().top - lines.clientHeight * 0.1;
    }
    if (moved) {
      const cue = stops[at]?.closest(".cue");
      const direction = cue?.querySelector(".stop") === stops[at] ? cue.querySelector(".direction").textContent : "";
      one("[data-spoken]").textContent = stops[at].classList.contains("direction") ? direction : `${direction} ${stops[at].textContent}`;
      if (!running && !paused) run(true);
    }
    tick();
  }
  const toStep = (index) => show(Math.max(0, stepOf.indexOf(index)));

  function theme() {
    dark = !(dark ?? matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    for (const rule of darkRules) rule.media.mediaText = dark ? "screen" : "not all";
  }
  function cover(on) {
    blank.hidden = !on;
    if (on) blank.focus();
  }
  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }
  const acts = {
    next: () => show(at + 1),
    back: () => show(at - 1),
    first: () => show(0),
    last: () => show(stops.length - 1),
    pause: () => run(!running),
    restart: () => { spent.fill(0); running = false; paused = false; pauseButton.setAttribute("aria-pressed", "false"); tick(); },
    blank: () => cover(true),
    theme, full,
  };
  const keys = {
    ArrowRight: "next", ArrowDown: "next", " ": "next", Enter: "next", n: "next", PageDown: "next",
    ArrowLeft: "back", ArrowUp: "back", Backspace: "back", p: "back", PageUp: "back",
    Home: "first", End: "last", t: "pause", b: "blank", ".": "blank", f: "full",
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!blank.hidden) { cover(false); event.preventDefault(); return; }
    const onButton = event.target.closest?.("button");
    if (onButton && (event.key === " " || event.key === "Enter")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key >= "1" && key <= String(steps.length) && key.length === 1) toStep(Number(key) - 1);
    else if (keys[key]) acts[keys[key]]();
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target === blank) return cover(false);
    const button = event.target.closest("button");
    if (button) {
      if (event.detail) button.blur();
      return button.dataset.step ? toStep(Number(button.dataset.step)) : acts[button.dataset.do]?.();
    }
    const lines = event.target.closest(".lines");
    if (!lines || String(getSelection())) return;
    const stop = event.target.closest(".stop");
    show(stop && stops.indexOf(stop) > at ? stops.indexOf(stop) : at + 1);
  });
  let touch = null;
  document.addEventListener("touchstart", (event) => { touch = event.touches.length === 1 ? event.touches[0] : null; }, { passive: true });
  document.addEventListener("touchend", (event) => {
    const end = event.changedTouches[0];
    if (!touch || event.target.closest("button")) return;
    const across = end.clientX - touch.clientX, down = end.clientY - touch.clientY;
    if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) acts[across < 0 ? "next" : "back"]();
    touch = null;
  }, { passive: true });

  for (const lines of all(".lines")) lines.tabIndex = 0;
  document.documentElement.classList.add("live");
  addEventListener("resize", () => show(at, false));
  show(0, false);
  setInterval(tick, 250);
})();
