// The layout blocks of Block Kit.

import { h, icon } from "./dom.js";
import { element } from "./elements.js";
import { emoji } from "./emoji.js";
import { anchor, mrkdwn, plain, textObject } from "./mrkdwn.js";
import { channels, me, person } from "./state.js";
import { say } from "./words.js";

export const blocks = (rows, place) => h("div.blocks", {}, (rows ?? []).map((one) => block(one, place)));

function block(one, place) {
  const node = (MAKERS[one.type] ?? unknown)(one, place);
  node.dataset.block = one.block_id ?? "";
  return node;
}

const unknown = (one) => h("div.soft", {}, `[${one.type}]`);

function section(one, place) {
  const words = one.text ? h("div.words", {}, textObject(one.text)) : null;
  const fields = one.fields ? h("div.fields", {}, one.fields.map((field) => h("div.words", {}, textObject(field)))) : null;
  const accessory = one.accessory && (one.accessory.type === "image" ? image(one.accessory) : element(one, one.accessory, place));
  return h("div.block-section", {}, h("div.words", {}, words, fields), accessory);
}

// Pictures from elsewhere are not fetched: the page speaks to nobody but the sandbox.
function image(one) {
  const address = one.image_url ?? "";
  const own = address.startsWith("data:image/") || address.startsWith(`${location.origin}/`);
  if (own) return h("img", { src: address, alt: one.alt_text ?? "" });
  return h("span.picture", { title: address }, icon("picture"), anchor(address, one.alt_text || say("picture")));
}

const figure = (one) => h("figure.block-image", {}, one.title ? h("figcaption", {}, plain(one.title.text)) : null, image(one));

function input(one, place) {
  const control = element(one, one.element, place);
  const wrong = place.error?.(one);
  const field = h(
    "div.field",
    { class: wrong ? "bad" : "" },
    h("div.label", {}, textObject(one.label), one.optional ? h("small", {}, " ", say("optional")) : null),
    control,
    wrong ? h("div.wrong", { role: "alert" }, icon("alert"), wrong) : null,
    one.hint ? h("div.hint", {}, textObject(one.hint)) : null,
  );
  place.register?.(one, control);
  return field;
}

const MAKERS = {
  section,
  image: figure,
  input,
  header: (one) => h("div.block-header", { role: "heading", "aria-level": "3" }, plain(one.text.text)),
  divider: () => h("hr.block-divider"),
  context: (one) =>
    h("div.block-context", {}, one.elements.map((part) => (part.type === "image" ? image(part) : h("span.words", {}, textObject(part))))),
  actions: (one, place) => h("div.block-actions", {}, one.elements.map((part) => element(one, part, place))),
  markdown: (one) => h("div.words", {}, mrkdwn(one.text.replace(/\*\*(.+?)\*\*/g, "*$1*").replace(/^#+ (.*)$/gm, "*$1*"))),
  rich_text: (one) => h("div.words", {}, one.elements.map(rich)),
};

function rich(part) {
  const inside = (part.elements ?? []).map((one) => (one.type === "rich_text_section" ? h("li", {}, (one.elements ?? []).map(piece)) : piece(one)));
  if (part.type === "rich_text_list") return h(part.style === "ordered" ? "ol" : "ul", {}, inside);
  if (part.type === "rich_text_quote") return h("blockquote", {}, inside);
  return h(part.type === "rich_text_preformatted" ? "pre" : "div", {}, inside);
}

function piece(one) {
  if (one.type === "link") return anchor(one.url, one.text ?? one.url);
  if (one.type === "emoji") return emoji(one.name) ?? `:${one.name}:`;
  if (one.type === "user") return h("span.mention", { class: one.user_id === me() ? "mine" : "" }, `@${person(one.user_id)?.name ?? one.user_id}`);
  if (one.type === "channel") return h("span.mention", {}, `#${channels().find((each) => each.id === one.channel_id)?.name ?? one.channel_id}`);
  if (one.type === "broadcast") return h("span.mention.all", {}, `@${one.range}`);
  const tags = { bold: "strong", italic: "em", strike: "s", code: "code" };
  return Object.entries(tags).reduce((node, [key, tag]) => (one.style?.[key] ? h(tag, {}, node) : node), one.text ?? "");
}
