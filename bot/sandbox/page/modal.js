// Modals: the stack of views that are open for this person; the last one is in front.

import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { act } from "./live.js";
import { cross } from "./menus.js";
import { first, report } from "./messages.js";
import { plain } from "./mrkdwn.js";
import { get } from "./state.js";
import { say } from "./words.js";

let veil = null;
let shown = "";

export function showModal() {
  const view = get().data?.views.at(-1);
  const sign = view ? JSON.stringify([view.id, view.hash, view.errors]) : "";
  if (sign === shown) return;
  const kept = veil?.view?.id === view?.id ? veil?.querySelector(".scroll")?.scrollTop ?? 0 : 0;
  shown = sign;
  veil?.remove();
  veil = null;
  if (!view) return;
  veil = build(view);
  veil.view = view;
  document.getElementById("layer").append(veil);
  const pane = veil.querySelector(".scroll");
  pane.scrollTop = kept;
  (pane.querySelector(".bad .line, .bad button") ?? pane.querySelector("input, textarea, button.select") ?? veil.querySelector("footer .button"))?.focus();
}

function build(view) {
  const inputs = new Map();
  const typed = () => Object.fromEntries([...inputs].map(([id, control]) => [id, control.read()]));
  const place = placeOf(view, typed, inputs);
  const close = () => act("close", { view: view.id });
  const submit = async (event) => {
    event?.preventDefault();
    send?.classList.add("busy");
    const answer = await act("submit", { view: view.id, typed: typed() });
    send?.classList.remove("busy");
    if (!answer.ok && answer.problem === "network") report(answer);
  };
  const send = view.submit ? h("button.button.primary", { type: "submit" }, plain(view.submit.text)) : null;
  const form = h(
    "form.dialog",
    { role: "dialog", "aria-modal": "true", "aria-label": view.title.text, onsubmit: submit, novalidate: true },
    h("header", {}, h("h2", {}, plain(view.title.text)), cross(close)),
    h("div.scroll", {}, view.errors[""] ? h("div.trouble", { role: "alert" }, view.errors[""]) : null, blocks(view.blocks, place)),
    h("footer", {}, h("button.button", { type: "button", onclick: close }, view.close ? plain(view.close.text) : say("cancel")), send),
  );
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) submit(event);
  });
  return h("div.veil", {}, form);
}

// Where an element of a view stands: values come from the view's state, presses carry what was typed so far.
export function placeOf(view, typed = () => ({}), inputs = new Map()) {
  const named = (block, one) => ({ view: view.id, block: block.block_id, action: one.action_id });
  return {
    immediate: (block) => block.type !== "input" || Boolean(block.dispatch_action),
    value: (block, one) => held(view.state.values[block.block_id]?.[one.action_id]) ?? first(one),
    error: (block) => view.errors?.[block.block_id],
    register: (block, control) => inputs.set(block.block_id, control),
    press: async (block, one, value) => report(await act("press_view", { ...named(block, one), value, typed: typed() })),
    suggest: async (block, one, text) => (await act("suggest", { ...named(block, one), typed: text })).options ?? [],
  };
}

function held(value) {
  if (!value) return undefined;
  const key = Object.keys(value).find((name) => name !== "type");
  const kept = value[key];
  if (kept === null) return undefined;
  const external = value.type.endsWith("external_select");
  if (Array.isArray(kept)) return kept.map((one) => (external ? one : one.value ?? one));
  return external ? kept : kept?.value ?? kept;
}
