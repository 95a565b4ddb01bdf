// Interactive elements. A place says where they stand and what happens: press(block, element, value) and more.

import { h, icon } from "./dom.js";
import { ask, menu } from "./menus.js";
import { plain, textObject } from "./mrkdwn.js";
import { channels, people, person, title } from "./state.js";
import { say } from "./words.js";

export const optionsOf = (element) => [
  ...(element.options ?? []).map((one) => row(one)),
  ...(element.option_groups ?? []).flatMap((group) => group.options.map((one) => row(one, group.label.text))),
];
const row = (one, group) => ({
  value: one.value, label: textObject(one.text), text: one.text.text, note: one.description?.text, group, url: one.url, whole: one,
});

export function element(block, one, place) {
  const make = MAKERS[one.type] ?? (one.type.includes("select") ? select : typed);
  const node = make(block, one, place);
  node.classList.add("control");
  return node;
}

const sure = async (one) => !one.confirm || (await ask(one.confirm));

async function busy(node, work) {
  node.classList.add("busy");
  try {
    await work();
  } finally {
    node.classList.remove("busy");
  }
}

function button(block, one, place) {
  const props = { class: one.style ?? "", "aria-label": one.accessibility_label };
  const node = one.url
    ? h("a.button", { ...props, href: /^https?:/i.test(one.url) ? one.url : "#", target: "_blank", rel: "noopener noreferrer" })
    : h("button.button", { ...props, type: "button" });
  node.append(...textObject(one.text));
  node.addEventListener("click", async () => {
    if (await sure(one)) await busy(node, () => place.press(block, one));
  });
  return node;
}

function overflow(block, one, place) {
  const node = h("button.button.overflow", { type: "button", "aria-label": say("more"), title: say("more"), "aria-haspopup": "menu" }, "⋯");
  node.addEventListener("click", async () => {
    const value = await menu(node, optionsOf(one));
    const option = one.options.find((each) => each.value === value);
    if (!option || !(await sure(one))) return;
    if (option.url) open(option.url, "_blank", "noopener");
    await busy(node, () => place.press(block, one, value));
  });
  return node;
}

const list = (one) => {
  if (one.type.includes("users")) return people().filter((each) => !each.bot).map((each) => ({ value: each.id, label: each.name, note: each.title }));
  if (one.type.includes("conversations") || one.type.includes("channels")) {
    const rows = channels().filter((each) => !each.archived && (one.type.includes("conversations") || !each.direct));
    return rows.map((each) => ({ value: each.id, label: each.direct ? title(each) : `#${each.name}` }));
  }
  return optionsOf(one);
};

const nameOf = (one, value) => {
  if (value && typeof value === "object") return value.text.text;
  const found = list(one).find((each) => each.value === value);
  return found?.text ?? found?.label ?? person(value)?.name ?? value;
};

function select(block, one, place) {
  const many = one.type.startsWith("multi_");
  let chosen = [place.value?.(block, one) ?? []].flat();
  const shown = h("span.ellipsis");
  const node = h("button.button.select", { type: "button", "aria-haspopup": "listbox" }, shown, icon("chevron"));
  const paint = () => {
    shown.className = chosen.length ? "ellipsis" : "ellipsis empty";
    const names = chosen.map((each) => plain(String(nameOf(one, each))));
    shown.replaceChildren(
      ...(!chosen.length ? plain(one.placeholder?.text ?? say("choose")) : many ? [h("span.chips", {}, names.map((name) => h("span.chip", {}, name)))] : names[0]),
    );
  };
  node.addEventListener("click", async () => {
    const external = one.type.endsWith("external_select");
    const known = new Map();
    const load = external
      ? async (text) => (await place.suggest(block, one, text)).map((each) => (known.set(each.value, each), row(each)))
      : null;
    const options = external ? (one.min_query_length ?? 3) > 0 ? [] : await load("") : list(one);
    let value = await menu(node, options, { chosen: chosen.map((each) => each?.value ?? each), load });
    if (value === undefined || !(await sure(one))) return;
    if (external) value = known.get(value);
    const has = chosen.some((each) => (each?.value ?? each) === (value?.value ?? value));
    chosen = !many ? [value] : has ? chosen.filter((each) => (each?.value ?? each) !== (value?.value ?? value)) : [...chosen, value];
    paint();
    place.chosen?.(block, one, many ? chosen : value);
    if (place.immediate(block)) await busy(node, () => place.press(block, one, many ? chosen : value));
  });
  node.read = () => (many ? chosen : chosen[0] ?? "");
  paint();
  return node;
}

function group(block, one, place) {
  const kind = one.type === "checkboxes" ? "checkbox" : "radio";
  const chosen = [place.value?.(block, one) ?? []].flat();
  const name = `${block.block_id}/${one.action_id}/${Math.random()}`;
  const boxes = one.options.map((option) => {
    const box = h("input", { type: kind, name, value: option.value, checked: chosen.includes(option.value) });
    const note = option.description ? h("small", {}, textObject(option.description)) : null;
    return [box, h("label", {}, box, h("span", {}, textObject(option.text), note))];
  });
  const node = h("div.choices", { role: "group" }, boxes.map((pair) => pair[1]));
  node.read = () => {
    const on = boxes.filter(([box]) => box.checked).map(([box]) => box.value);
    return kind === "checkbox" ? on : on[0] ?? "";
  };
  node.addEventListener("change", async () => {
    if (!place.immediate(block)) return;
    if (await sure(one)) await place.press(block, one, node.read());
  });
  return node;
}

const KINDS = { email_text_input: "email", url_text_input: "url", number_input: "text", datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

function typed(block, one, place) {
  const value = place.value?.(block, one) ?? "";
  const props = { placeholder: one.placeholder?.text, maxLength: one.max_length, "aria-label": block.label?.text ?? one.placeholder?.text };
  const node = one.multiline
    ? h("textarea.line", props)
    : h("input.line", { ...props, type: KINDS[one.type] ?? "text", inputmode: one.type === "number_input" ? "decimal" : undefined });
  const stamp = one.type === "datetimepicker";
  node.value = stamp && value ? local(value) : value;
  node.read = () => (stamp && node.value ? Math.round(new Date(node.value).getTime() / 1000) : node.value);
  if (one.focus_on_load) queueMicrotask(() => node.focus());
  node.addEventListener("change", () => place.immediate(block) && place.press(block, one, node.read()));
  return node;
}

const local = (seconds) => new Date(seconds * 1000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16);

const MAKERS = { button, overflow, checkboxes: group, radio_buttons: group };
