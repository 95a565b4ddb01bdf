// What the page knows: the last snapshot with every change since, who is looking, and where.

const state = { data: null, me: "", channel: "", thread: "", tab: "messages", marks: {}, seen: {} };

export const get = () => state;
export const me = () => state.data?.me ?? "";
export const people = () => state.data?.people ?? [];
export const person = (id) => people().find((one) => one.id === id);
export const bot = () => person(state.data?.bot);
export const channels = () => state.data?.channels ?? [];
export const channel = (id = state.channel) => channels().find((one) => one.id === id);

export function take(news) {
  if (news.kind === "snapshot") state.data = news;
  if (!state.data) return;
  if (news.kind === "message") takeMessage(news);
  if (news.kind === "views" || news.kind === "status") Object.assign(state.data, { ...news, kind: "snapshot" });
  if (news.kind === "channel") {
    const rows = state.data.channels;
    const at = rows.findIndex((one) => one.id === news.channel.id);
    if (at < 0) rows.push(news.channel);
    else rows[at] = news.channel;
    state.data.messages[news.channel.id] ??= [];
  }
}

function takeMessage({ channel: where, ts, message }) {
  const rows = (state.data.messages[where] ??= []);
  const at = rows.findIndex((one) => one.ts === ts);
  if (message && at >= 0) rows[at] = message;
  else if (message) {
    rows.push(message);
    rows.sort((a, b) => (a.ts < b.ts ? -1 : 1));
  } else if (at >= 0) rows.splice(at, 1);
}

export const messages = (where = state.channel) => state.data?.messages[where] ?? [];
export const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;
export const topLevel = (where) => messages(where).filter((one) => !isReply(one) || one.broadcast);
export const replies = (ts, where = state.channel) => messages(where).filter((one) => isReply(one) && one.thread_ts === ts);

export function title(place) {
  if (!place) return "";
  return place.direct ? person(place.people.find((id) => id !== me()))?.name ?? "" : place.name;
}

// Read marks live as long as the browser's tab, and only for this run of the workspace.
const key = () => `read:${state.data.run}:${me()}`;

export function loadMarks() {
  state.marks = JSON.parse(sessionStorage.getItem(key()) ?? "{}");
}

export function markRead(where, thread = "") {
  const rows = thread ? replies(thread, where) : topLevel(where);
  const last = rows.at(-1)?.ts;
  const name = thread ? `${where}/${thread}` : where;
  if (!last || state.marks[name] >= last) return false;
  state.marks[name] = last;
  sessionStorage.setItem(key(), JSON.stringify(state.marks));
  return true;
}

export const readUntil = (where) => state.marks[where] ?? "";
const fresh = (one, until) => one.ts > until && one.author !== me() && !one.deleted;
export const unread = (where) => topLevel(where).filter((one) => fresh(one, readUntil(where)));
export const unreadReplies = (ts, where = state.channel) =>
  replies(ts, where).filter((one) => fresh(one, state.marks[`${where}/${ts}`] ?? ""));

export function pings(message) {
  const marked = [message.text, JSON.stringify(message.blocks ?? []), JSON.stringify(message.attachments ?? [])].join(" ");
  return marked.includes(`<@${me()}>`) || /<!(channel|here|everyone)(\||>)/.test(marked);
}
