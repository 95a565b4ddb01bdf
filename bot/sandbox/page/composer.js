// The message box: text or a /command, with completion, history and the state of what was sent.

import { h, icon } from "./dom.js";
import { act } from "./live.js";
import { get, people } from "./state.js";
import { say } from "./words.js";
import { toast } from "./menus.js";
import { problem } from "./words.js";

const history = [];
const drafts = new Map();

export function composer({ channel, thread = "", placeholder }) {
  const slot = `${get().me}/${channel}/${thread}`;
  const text = h("textarea", { rows: 1, placeholder, "aria-label": placeholder, autocomplete: "off", spellcheck: false });
  const send = h("button.send", { type: "button", "aria-label": say("send"), title: say("send") }, icon("send"));
  const hints = h("div.hints", { hidden: true, role: "listbox" });
  const node = h("div.composer", {}, hints, h("div.box", {}, text, send));
  let at = history.length;
  let on = 0;

  const grow = () => {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
    text.classList.toggle("command", text.value.startsWith("/"));
    send.classList.toggle("ready", Boolean(text.value.trim()));
    drafts.set(slot, text.value);
    suggest();
  };
  const set = (value) => {
    text.value = value;
    grow();
    text.focus();
  };
  const suggest = () => {
    const rows = proposals(text.value, thread);
    hints.hidden = !rows.length;
    on = 0;
    hints.replaceChildren(
      h("header", {}, say(text.value.startsWith("/") ? "commands" : "members", { n: rows.length })),
      ...rows.map((row) => h("button", { type: "button", onclick: () => set(row.value) }, h("b", {}, row.name), h("span.ellipsis", {}, row.note))),
    );
    paint();
  };
  const paint = () => choices().forEach((one, number) => one.classList.toggle("on", number === on));
  const choices = () => [...hints.querySelectorAll("button")];

  const submit = async () => {
    const value = text.value.trim();
    if (!value || send.classList.contains("busy")) return;
    history.push(value);
    at = history.length;
    set("");
    send.classList.add("busy");
    send.replaceChildren(icon("spin"));
    const answer = await act("type", { channel, text: value, thread });
    send.classList.remove("busy");
    send.replaceChildren(icon("send"));
    if (!answer.ok && answer.problem === "network") {
      set(value);
      toast(say("not_taken", { problem: problem(answer.problem) }));
    }
  };

  text.addEventListener("input", grow);
  text.addEventListener("blur", () => setTimeout(() => (hints.hidden = true), 150));
  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !hints.hidden;
    if (event.key === "Escape" && open) hints.hidden = true;
    else if (open && (event.key === "Tab" || (event.key === "Enter" && !exact(text.value)))) choices()[on]?.click();
    else if (event.key === "Enter" && !event.shiftKey) submit();
    else if (open && event.key === "ArrowDown") on = (on + 1) % choices().length;
    else if (open && event.key === "ArrowUp") on = (on - 1 + choices().length) % choices().length;
    else if (event.key === "ArrowUp" && !text.value.includes("\n") && at > 0) set(history[(at -= 1)]);
    else if (event.key === "ArrowDown" && at < history.length && !text.value.includes("\n")) set(history[(at += 1)] ?? "");
    else return;
    paint();
    event.preventDefault();
  });
  send.addEventListener("click", submit);
  text.value = drafts.get(slot) ?? "";
  queueMicrotask(grow);
  node.focusBox = () => text.focus({ preventScroll: true });
  node.put = set;
  return node;
}

const exact = (typed) => get().data.commands.some((one) => typed.trim() === one.name);

function proposals(typed, thread) {
  if (/^\/\S*$/.test(typed) && !thread) {
    return get().data.commands.filter((one) => one.name.startsWith(typed)).map((one) => ({ name: one.name, note: one.hint, value: `${one.name} ` }));
  }
  const mention = /(^|\s)@([\p{L}\p{N}_.-]*)$/u.exec(typed);
  if (!mention) return [];
  const begun = mention[2].toLowerCase();
  const found = people().filter((one) => one.name.toLowerCase().startsWith(begun) || one.handle.startsWith(begun));
  return found.slice(0, 6).map((one) => ({ name: one.name, note: one.title, value: `${typed.slice(0, typed.length - mention[2].length - 1)}<@${one.id}> ` }));
}
