// Starts the page and puts its panes together. The address keeps the place: #U…/C…/thread.

import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { avatar, h, icon } from "./dom.js";
import { act, listen } from "./live.js";
import { cross, toast } from "./menus.js";
import { list, nearBottom, settle } from "./messages.js";
import { placeOf, showModal } from "./modal.js";
import { sidebar } from "./sidebar.js";
import * as state from "./state.js";
import { say, speak } from "./words.js";

const here = state.get();
const $ = (id) => document.getElementById(id);
const frame = $("app");
let until = ""; // where the line "New" stands in the open channel
let panes = {};
let loaded = false;

const hashParts = () => decodeURIComponent(location.hash.slice(1)).split("/");
const remember = () => window.history.replaceState(null, "", `/#${[here.me, here.channel, here.thread].filter(Boolean).join("/")}`);

function become(id) {
  here.me = id;
  here.thread = "";
  listen(id, take, (up) => up || (here.data && toast(say("lost"))));
}

function take(news) {
  const starting = news.kind === "snapshot";
  state.take(news);
  if (starting) begin();
  if (starting && !loaded && here.data.views.length) {
    act("close", { view: here.data.views[0].id, everything: true }); // a modal does not outlive its page
    here.data.views = [];
  }
  if (starting) loaded = true;
  if (news.kind === "views" || starting) showModal();
  if (news.kind === "message" && news.channel !== here.channel) return side();
  if (news.kind === "views") return home();
  if (news.kind === "channel" && news.channel.id === here.channel) openChannel(here.channel, { quiet: true });
  side();
  messages();
  thread();
}

function begin() {
  speak(here.data.words);
  here.me = state.me();
  state.loadMarks();
  const [, wanted, opened] = hashParts();
  const link = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(location.pathname);
  const known = [link?.[1], here.channel, wanted].find((id) => state.channel(id));
  openChannel(known ?? state.channels()[0]?.id, { quiet: true });
  if (opened) openThread(opened);
  if (link) requestAnimationFrame(() => flash(`${link[2]}.${link[3]}`));
}

function flash(ts) {
  const message = state.messages().find((one) => one.ts === ts);
  if (message && state.isReply(message)) openThread(message.thread_ts);
  const node = document.querySelector(`[data-ts="${ts}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("flash");
}

function side() {
  $("sidebar").replaceChildren(...sidebar({ open: (id) => openChannel(id), become }));
  const calls = state.channels().reduce((sum, one) => sum + state.unread(one.id).length, 0);
  document.title = `${calls ? `(${calls}) ` : ""}${where()} – ${here.data.workspace}`;
}

const where = () => (state.channel()?.direct ? state.title(state.channel()) : `#${state.channel()?.name ?? ""}`);

function openChannel(id, { quiet = false } = {}) {
  if (id !== here.channel) here.thread = "";
  here.channel = id;
  here.tab = "messages";
  until = state.readUntil(id);
  if (!quiet) frame.dataset.pane = "channel";
  const place = state.channel();
  const rows = h("div.rows");
  const pane = h("div.list.scroll", { tabIndex: -1 }, welcome(place), rows);
  const box = place.archived ? h("div.closed", {}, say("archived")) : composer({ channel: id, placeholder: say("write", { where: where() }) });
  const newer = h("button.newer", { hidden: true, onclick: () => (pane.scrollTop = pane.scrollHeight) }, say("newer"), " ↓");
  pane.addEventListener("scroll", () => {
    if (nearBottom(pane)) newer.hidden = true;
  });
  const app = place.direct && place.people.includes(here.data.bot) && (here.data.has_home || here.data.home);
  $("main").replaceChildren(...[bar(place), app ? tabs() : null, pane, newer, box].filter(Boolean));
  panes = { pane, rows, box, newer };
  messages(true);
  thread();
  side();
  remember();
  if (!quiet && innerWidth > 760) box.focusBox?.();
}

function bar(place) {
  const people = place.people.map(state.person).filter(Boolean);
  return h(
    "header.bar",
    {},
    h("button.icon-button.back", { "aria-label": say("back"), onclick: () => (frame.dataset.pane = "rooms") }, icon("back")),
    h("h1", {}, place.direct ? avatar(state.person(place.people.find((id) => id !== state.me())), "small") : icon(place.private ? "lock" : "hash"), h("span.ellipsis", {}, state.title(place))),
    h("div.about.ellipsis", { title: place.topic }, place.topic),
    place.direct ? null : h("div.members", { title: people.map((one) => one.name).join(", ") }, people.slice(0, 3).map((one) => avatar(one, "small")), String(people.length)),
  );
}

function welcome(place) {
  const command = here.data.commands[0]?.name;
  const name = state.title(place);
  return h(
    "div.welcome",
    {},
    h("div.tile", {}, place.direct ? avatar(state.person(place.people.find((id) => id !== state.me()))) : icon(place.private ? "lock" : "hash")),
    h("h2", {}, place.direct ? say("start_direct", { who: name }) : say("start", { where: `#${name}` })),
    place.topic ? h("p.soft", {}, place.topic) : null,
    command ? h("p.soft", {}, say("try_command"), " ", h("code", {}, `${command} help`)) : null,
  );
}

function tabs() {
  const tab = (name) => h("button", { role: "tab", "aria-selected": String(here.tab === name), onclick: () => switchTab(name) }, say(name));
  return h("div.tabs", { role: "tablist" }, tab("home"), tab("messages"));
}

function switchTab(name) {
  if (name === "messages") return openChannel(here.channel);
  here.tab = "home";
  const pane = h("div.home.scroll");
  $("main").replaceChildren(bar(state.channel()), tabs(), pane);
  panes = { pane };
  home();
  act("home", {});
}

function home() {
  if (here.tab !== "home") return;
  const view = here.data.home;
  panes.pane.replaceChildren(view ? blocks(view.blocks, placeOf(view)) : h("p.soft", {}, say("no_home")));
}

function messages(opened = false) {
  const { pane, rows, newer } = panes;
  if (!rows) return;
  const stay = !opened && !nearBottom(pane);
  const count = rows.childElementCount;
  settle(rows, list(state.topLevel(), { until, openThread }));
  if (!stay) pane.scrollTop = pane.scrollHeight;
  else if (rows.childElementCount > count) newer.hidden = false;
  if (!document.hidden && frame.dataset.pane !== "rooms" && state.markRead(here.channel)) side();
}

function openThread(ts) {
  here.thread = ts;
  frame.dataset.pane = "thread";
  $("thread").dataset.ts = "";
  thread();
  remember();
}

function closeThread() {
  here.thread = "";
  frame.dataset.pane = "channel";
  thread();
  remember();
}

function thread() {
  const pane = $("thread");
  const parent = here.thread && state.messages().find((one) => one.ts === here.thread);
  frame.classList.toggle("with-thread", Boolean(parent));
  pane.hidden = !parent;
  if (!parent) {
    pane.dataset.ts = "";
    if (frame.dataset.pane === "thread") frame.dataset.pane = "channel";
    return;
  }
  if (pane.dataset.ts !== `${here.channel}/${here.thread}`) buildThread(pane);
  const area = pane.querySelector(".list");
  const stay = !nearBottom(area);
  settle(area.firstChild, list([parent, ...state.replies(here.thread)], { inThread: true, openThread }));
  if (!stay) area.scrollTop = area.scrollHeight;
  if (state.markRead(here.channel, here.thread)) messages();
}

function buildThread(pane) {
  pane.dataset.ts = `${here.channel}/${here.thread}`;
  pane.replaceChildren(
    h("header.bar", {}, h("button.icon-button.back", { "aria-label": say("back"), onclick: closeThread }, icon("back")), h("h1", {}, say("thread")), h("div.about.ellipsis", {}, where()), cross(closeThread)),
    h("div.list.scroll", {}, h("div.rows")),
    composer({ channel: here.channel, thread: here.thread, placeholder: say("write_thread") }),
  );
}

document.addEventListener("visibilitychange", () => !document.hidden && here.data && messages());
become(hashParts()[0] ?? "");
