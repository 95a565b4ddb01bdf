// Slack's mrkdwn into nodes: links, mentions, styles, code, quotes, emoji. The text comes escaped (&lt; &gt; &amp;).

import { emoji } from "./emoji.js";
import { h } from "./dom.js";
import { people, channels, me } from "./state.js";

const TOKEN = new RegExp(
  [
    "`([^`\\n]+)`", // 1 code
    "<([^<>\\n]+)>", // 2 link, mention
    ":([a-z0-9_+'-]+):", // 3 emoji
    "(https?:\\/\\/[^\\s<>|]+[^\\s<>|.,;:!?'\")\\]，。；：！？」』）])", // 4 bare address
    "(?<![\\p{L}\\p{N}*_~])([*_~])(?=\\S)((?:<[^<>\\n]*>|[^\\n])*?\\S)\\5(?![\\p{L}\\p{N}*_~])", // 5, 6 style
  ].join("|"),
  "gu",
);
const STYLES = { "*": "strong", _: "em", "~": "s" };

export const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function mrkdwn(text) {
  const nodes = [];
  text.split(/```/).forEach((part, at) => {
    if (at % 2) nodes.push(h("pre", {}, unescape(part.replace(/^\n|\n$/g, ""))));
    else if (part) nodes.push(...paragraphs(part));
  });
  return nodes;
}

function paragraphs(text) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, at, lines) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1]));
      return;
    }
    if (at && !quote) nodes.push(h("br"));
    quote = null;
    if (line || at < lines.length - 1) nodes.push(...inline(line));
  });
  return nodes;
}

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index < from) continue;
    if (found.index > from) nodes.push(unescape(text.slice(from, found.index)));
    nodes.push(token(found));
    from = found.index + found[0].length;
  }
  if (from < text.length) nodes.push(unescape(text.slice(from)));
  return nodes;
}

function token([whole, code, angle, name, address, style, styled]) {
  if (code) return h("code", {}, unescape(code));
  if (angle) return bracket(angle);
  if (name) return emoji(name) ? h("span.emoji", { title: whole }, emoji(name)) : whole;
  if (address) return anchor(unescape(address), unescape(address));
  return h(STYLES[style], {}, inline(styled));
}

function bracket(inside) {
  const [body, label] = split(inside);
  if (body.startsWith("@")) {
    const person = people().find((one) => one.id === body.slice(1));
    return h("span.mention", { class: body.slice(1) === me() ? "mine" : "" }, `@${person?.name ?? label ?? body.slice(1)}`);
  }
  if (body.startsWith("#")) {
    const channel = channels().find((one) => one.id === body.slice(1));
    return h("span.mention", {}, `#${channel?.name ?? label ?? body.slice(1)}`);
  }
  if (body.startsWith("!date^")) return when(body, label);
  if (body.startsWith("!")) return h("span.mention.all", {}, label ? unescape(label) : `@${body.slice(1)}`);
  return anchor(unescape(body), unescape(label ?? body));
}

function when(body, fallback) {
  const [, seconds, format] = body.split("^");
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback ?? body;
  const lang = document.documentElement.lang;
  const time = date.toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  const long = date.toLocaleDateString(lang, { day: "numeric", month: "long", year: "numeric" });
  const short = date.toLocaleDateString(lang, { day: "numeric", month: "short" });
  const text = (format || "{date} {time}")
    .replace(/\{date_num\}/g, date.toISOString().slice(0, 10))
    .replace(/\{date_short(?:_pretty)?\}/g, short)
    .replace(/\{date(?:_long|_pretty|_long_pretty)?\}/g, long)
    .replace(/\{time(?:_secs)?\}/g, time)
    .replace(/\{ago\}/g, `${short} ${time}`);
  return h("time", { title: fallback ?? "" }, text);
}

function split(inside) {
  const bar = inside.indexOf("|");
  return bar < 0 ? [inside, undefined] : [inside.slice(0, bar), inside.slice(bar + 1)];
}

export function anchor(address, label) {
  if (!/^(https?:|mailto:)/i.test(address)) return label;
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

export function plain(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(/:([a-z0-9_+'-]+):/g)) {
    if (!emoji(found[1])) continue;
    nodes.push(text.slice(from, found.index), h("span.emoji", { title: found[0] }, emoji(found[1])));
    from = found.index + found[0].length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

export const textObject = (object) => (object?.type === "mrkdwn" ? mrkdwn(object.text) : plain(object?.text ?? ""));
