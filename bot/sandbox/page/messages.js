// Messages: one, a channel's list, and the list of a thread. Rows that did not change are kept as they are.

import { blocks } from "./blocks.js";
import { avatar, h, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { act } from "./live.js";
import { toast } from "./menus.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { bot, get, isReply, me, person, pings, replies, unreadReplies } from "./state.js";
import { clock, day, dayKey, moment, problem, say } from "./words.js";

const NEAR = 300; // seconds within which messages of one author stand together
const QUICK = ["eyes", "white_check_mark", "+1", "pushpin"];

export function placeOf(message) {
  const where = { channel: message.channel, ts: message.ts };
  const named = (block, one) => ({ ...where, block: block.block_id, action: one.action_id });
  return {
    immediate: () => true,
    value: (block, one) => first(one),
    press: async (block, one, value) => report(await act("press", { ...named(block, one), value, seen: one })),
    suggest: async (block, one, typed) => (await act("suggest", { ...named(block, one), typed })).options ?? [],
  };
}

export function first(one) {
  const option = one.initial_option?.value ?? one.initial_options?.map((each) => each.value);
  return option ?? one.initial_user ?? one.initial_conversation ?? one.initial_channel ?? one.initial_date ?? one.initial_time ?? one.initial_value;
}

export function report(answer) {
  if (!answer.ok) toast(say("not_taken", { problem: problem(answer.problem) }));
  return answer;
}

export function list(rows, { until = "", inThread = false, openThread }) {
  const nodes = [];
  let before = null;
  let told = !until;
  for (const message of rows) {
    if (!before || dayKey(before.ts) !== dayKey(message.ts)) nodes.push(["day" + dayKey(message.ts), () => h("div.day", {}, h("span", {}, day(message.ts)))]);
    if (!told && message.ts > until && message.author !== me()) {
      nodes.push(["unseen", () => h("div.unseen", {}, say("unseen"))]);
      told = true;
      before = null;
    }
    const joined = before && !inThread && together(before, message);
    const answers = inThread ? [] : replies(message.ts, message.channel);
    const news = inThread ? [] : unreadReplies(message.ts, message.channel);
    const sign = JSON.stringify([message, joined, answers.length, answers.at(-1)?.ts, news.length, inThread, document.documentElement.lang]);
    nodes.push([sign, () => row(message, { joined, answers, news, inThread, openThread }), message.ts]);
    before = message;
  }
  return nodes;
}

const together = (one, two) =>
  one.author === two.author && dayKey(one.ts) === dayKey(two.ts) && two.ts - one.ts < NEAR && !two.ephemeral && !one.ephemeral && !isReply(two) && !two.deleted;

// Puts keyed nodes into a container, reusing those whose key is the same.
export function settle(container, nodes) {
  const old = new Map([...container.children].map((node) => [node.sign, node]));
  let at = container.firstChild;
  for (const [sign, make, ts] of nodes) {
    let node = old.get(sign);
    if (!node) {
      node = make();
      node.sign = sign;
      if (ts) node.dataset.ts = ts;
    }
    old.delete(sign);
    if (node === at) at = at.nextSibling;
    else container.insertBefore(node, at);
  }
  old.forEach((node) => node.remove());
}

function row(message, { joined, answers, news, inThread, openThread }) {
  const author = message.user === "USLACKBOT" && !message.deleted ? null : person(message.author);
  const classes = [joined ? "joined" : "", message.ephemeral ? "secret" : "", message.author !== me() && pings(message) ? "for-me" : ""];
  const left = joined ? h("time", {}, clock(message.ts)) : message.deleted ? icon("close") : avatar(author);
  return h(
    "article.message",
    { class: classes.join(" "), tabIndex: -1 },
    h("div.left", {}, left),
    h(
      "div.right",
      {},
      message.ephemeral ? h("div.note", {}, icon("eye"), say("only_you")) : null,
      message.pinned ? h("div.note", {}, icon("pin"), say("pinned")) : null,
      isReply(message) && !inThread ? h("div.note", {}, icon("reply"), h("button", { onclick: () => openThread(message.thread_ts) }, say("from"))) : null,
      joined || message.deleted ? null : head(message, author),
      message.deleted ? h("div.gone", {}, say("gone")) : body(message),
      marks(message),
      answers.length ? summary(message, answers, news, openThread) : null,
    ),
    message.deleted || message.ephemeral ? null : tools(message, inThread, openThread),
  );
}

function head(message, author) {
  const app = !author || author.bot;
  return h(
    "div.who",
    {},
    h("b", {}, author?.name ?? "Slack"),
    app ? h("span.tag", {}, say("app")) : null,
    h("time", { title: moment(message.ts) }, clock(message.ts)),
  );
}

export function body(message) {
  const place = placeOf(message);
  const words = message.blocks?.length ? blocks(message.blocks, place) : message.text ? h("div.body", {}, mrkdwn(message.text)) : null;
  const edited = message.edited && !message.blocks?.length ? h("span.edited", {}, " ", say("edited")) : null;
  words?.append(...[edited].filter(Boolean));
  return h("div", {}, words, (message.attachments ?? []).map((one) => attachment(one, place)), (message.files ?? []).map(file));
}

const COLOURS = { good: "#0b7a5b", warning: "#d99a1c", danger: "#c7263e" };

function attachment(one, place) {
  const colour = COLOURS[one.color] ?? (/^#?[0-9a-f]{6}$/i.test(one.color ?? "") ? `#${one.color.replace("#", "")}` : "");
  const inside = one.blocks
    ? blocks(one.blocks, place)
    : h(
        "div.words",
        {},
        one.title ? h("h4", {}, plain(one.title)) : null,
        mrkdwn(one.text ?? one.fallback ?? ""),
        one.fields ? h("div.fields", {}, one.fields.map((field) => h("div.words", {}, h("b", {}, plain(field.title ?? "")), h("br"), mrkdwn(field.value ?? "")))) : null,
        one.footer ? h("footer", {}, plain(one.footer)) : null,
      );
  const lead = one.pretext ? h("div.body", {}, mrkdwn(one.pretext)) : null;
  return h("div", {}, lead, h("div.attachment", { style: colour ? { "--tint": colour } : {} }, h("div", {}, inside)));
}

function file(one) {
  const address = one.url_private.replace(/^https?:\/\/[^/]+/, "");
  if (one.mimetype.startsWith("image/") && one.mimetype !== "image/svg+xml") {
    return h("div.file", {}, h("a", { href: address, target: "_blank" }, h("img", { src: address, alt: one.title })));
  }
  const kind = one.name.includes(".") ? one.name.split(".").pop().slice(0, 4) : "file";
  const size = one.size < 1024 ? `${one.size} B` : `${Math.round(one.size / 1024)} kB`;
  return h("div.file", {}, h("a.card", { href: address, target: "_blank", download: one.name }, h("span.kind", {}, kind), h("span", {}, h("b", {}, one.title), h("small", {}, size))));
}

function marks(message) {
  if (!message.reactions?.length) return null;
  const chip = (one) =>
    h(
      "button",
      {
        class: one.users.includes(me()) ? "mine" : "",
        title: `${one.users.map((id) => person(id)?.name ?? id).join(", ")} :${one.name}:`,
        onclick: () => act("react", { channel: message.channel, ts: message.ts, name: one.name }),
      },
      h("span.emoji", {}, emoji(one.name) ?? `:${one.name}:`),
      ` ${one.count}`,
    );
  return h("div.marks", {}, message.reactions.map(chip));
}

function summary(message, answers, news, openThread) {
  const who = [...new Set(answers.map((one) => one.author))].slice(0, 4);
  return h(
    "button.replies",
    { class: news.length ? "unread" : "", onclick: () => openThread(message.ts) },
    who.map((id) => avatar(person(id) ?? bot(), "small")),
    h("b", {}, say("replies", { n: answers.length })),
    h("span.soft", {}, say("last_reply", { when: clock(answers.at(-1).ts) })),
  );
}

function tools(message, inThread, openThread) {
  const react = (name) =>
    h("button", { type: "button", title: say("react", { name }), "aria-label": say("react", { name }), onclick: () => act("react", { channel: message.channel, ts: message.ts, name }) }, h("span.emoji", {}, emoji(name)));
  const link = `${location.origin}/archives/${message.channel}/p${message.ts.replace(".", "")}`;
  const copy = async () => {
    await navigator.clipboard?.writeText(link);
    toast(say("copied"));
  };
  const reply = inThread || isReply(message) ? null : h("button", { type: "button", title: say("reply"), "aria-label": say("reply"), onclick: () => openThread(message.ts) }, icon("reply"));
  return h("div.tools", {}, QUICK.map(react), reply, h("button", { type: "button", title: say("copy"), "aria-label": say("copy"), onclick: copy }, icon("link")));
}

export const nearBottom = (pane) => pane.scrollHeight - pane.scrollTop - pane.clientHeight < 120;
export const isOpen = (ts) => get().thread === ts;
