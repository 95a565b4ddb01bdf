// What floats above the page: menus, questions ("are you sure?"), and short notices.

import { h, icon } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { say } from "./words.js";

const layer = () => document.getElementById("layer");

export function toast(text) {
  const note = h("div.toast", {}, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 5000);
}

// options: [{label: node|string, note?, value, group?}]; resolves to the chosen value, or undefined.
export function menu(anchor, options, { chosen = [], search = options.length > 8, render, load } = {}) {
  return new Promise((resolve) => {
    const rows = h("div.scroll", { role: "listbox" });
    const field = search || load ? h("input", { type: "search", placeholder: say("search"), "aria-label": say("search") }) : null;
    const card = h("div.menu", {}, field, rows);
    const shade = h("div.shade", { onclick: () => done() });
    let on = -1;
    const done = (value) => {
      shade.remove();
      card.remove();
      document.removeEventListener("keydown", keys, true);
      anchor.focus?.();
      resolve(value);
    };
    const items = () => [...rows.querySelectorAll(".item")];
    const point = (at) => {
      const all = items();
      if (!all.length) return;
      on = (at + all.length) % all.length;
      all.forEach((one, number) => one.classList.toggle("on", number === on));
      all[on].scrollIntoView({ block: "nearest" });
    };
    const keys = (event) => {
      if (event.key === "Escape") done();
      else if (event.key === "ArrowDown") point(on + 1);
      else if (event.key === "ArrowUp") point(on - 1);
      else if (event.key === "Enter" && on >= 0) items()[on].click();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    const fill = (list) => {
      let group;
      rows.replaceChildren();
      for (const option of list) {
        if (option.group && option.group !== group) rows.append(h("h5", {}, (group = option.group)));
        rows.append(item(option, chosen, render, done));
      }
      if (!list.length) rows.append(h("div.none", {}, say("none")));
      on = -1;
    };
    field?.addEventListener("input", async () => {
      const typed = field.value.trim().toLowerCase();
      fill(load ? await load(field.value) : options.filter((one) => String(one.text ?? one.label).toLowerCase().includes(typed)));
    });
    fill(options);
    layer().append(shade, card);
    place(card, anchor);
    document.addEventListener("keydown", keys, true);
    field?.focus();
  });
}

function item(option, chosen, render, done) {
  const button = h("button.item", {
    role: "option",
    type: "button",
    "aria-selected": chosen.includes(option.value) ? "true" : undefined,
    onclick: () => done(option.value),
  });
  if (render) return render(option, button);
  button.append(...[option.label].flat());
  if (option.note) button.append(h("small", {}, option.note));
  return button;
}

function place(card, anchor) {
  const near = anchor.getBoundingClientRect();
  const size = card.getBoundingClientRect();
  const below = near.bottom + 6 + size.height < innerHeight;
  card.style.left = `${Math.max(12, Math.min(near.left, innerWidth - size.width - 12))}px`;
  card.style.top = `${below ? near.bottom + 6 : Math.max(12, near.top - size.height - 6)}px`;
}

// The confirm object of Block Kit; resolves to true or false.
export function ask(confirm) {
  return new Promise((resolve) => {
    const done = (answer) => {
      veil.remove();
      document.removeEventListener("keydown", keys, true);
      resolve(answer);
    };
    const keys = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      done(false);
    };
    const style = confirm.style === "danger" ? "danger" : "primary";
    const yes = h("button.button", { class: style, type: "button", onclick: () => done(true) }, textObject(confirm.confirm));
    const no = h("button.button", { type: "button", onclick: () => done(false) }, textObject(confirm.deny));
    const card = h(
      "div.dialog.ask",
      { role: "alertdialog", "aria-modal": "true" },
      h("header", {}, h("h2", {}, textObject(confirm.title)), cross(() => done(false))),
      h("div.scroll", {}, h("div.words", {}, textObject(confirm.text))),
      h("footer", {}, no, yes),
    );
    const veil = h("div.veil.over", {}, card);
    layer().append(veil);
    document.addEventListener("keydown", keys, true);
    yes.focus();
  });
}

export const cross = (onclick) =>
  h("button.icon-button", { type: "button", "aria-label": say("close"), title: say("close"), onclick }, icon("close"));
