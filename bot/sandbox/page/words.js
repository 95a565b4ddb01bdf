// Says the page's own sentences in the language of whoever looks at it. The server sends them with the first screen,
// from the one catalogue; what the bot writes is the bot's affair.

let words = {};

export function speak(given) {
  words = given;
  document.documentElement.lang = words.html;
}

export function say(key, values = {}) {
  const text = words[key] ?? words[`${key}.${values.n === 1 ? "one" : "other"}`] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function problem(code) {
  return words[`problem.${code}`] ?? code;
}

const date = (ts) => new Date(Number(ts) * 1000);
const tongue = () => words.dates;

export const clock = (ts) => date(ts).toLocaleTimeString(tongue(), { hour: "2-digit", minute: "2-digit", hour12: false });
export const dayKey = (ts) => date(ts).toDateString();
export const day = (ts) => date(ts).toLocaleDateString(tongue(), { weekday: "long", day: "numeric", month: "long" });
export const moment = (ts) => date(ts).toLocaleString(tongue(), { dateStyle: "full", timeStyle: "medium" });
