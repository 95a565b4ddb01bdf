// The left side: the workspace, its channels, and who is looking.

import { avatar, h, icon } from "./dom.js";
import { menu } from "./menus.js";
import { bot, channels, get, me, people, person, pings, title, unread } from "./state.js";
import { say } from "./words.js";

export function sidebar({ open, become }) {
  const data = get().data;
  const rooms = channels().filter((one) => !one.direct);
  const direct = channels().filter((one) => one.direct);
  return [
    h("div.brand", {}, h("img", { src: "/static/bell.svg", alt: "" }), h("div", {}, h("b", {}, data.workspace), h("span", {}, say("local")))),
    h(
      "div.rooms.scroll",
      {},
      h("h2", {}, say("channels")),
      rooms.map((one) => room(one, open)),
      h("h2", {}, say("direct")),
      direct.map((one) => room(one, open)),
    ),
    h("div.foot", {}, who(become), health(data)),
  ];
}

function room(one, open) {
  const news = unread(one.id);
  const calls = one.direct ? news.length : news.filter((row) => pings(row)).length;
  const mark = one.direct ? avatar(person(one.people.find((id) => id !== me())), "small") : icon(one.archived ? "box" : one.private ? "lock" : "hash");
  const classes = [one.id === get().channel ? "on" : "", news.length ? "unread" : "", one.archived ? "archived" : ""];
  return h(
    "button.room",
    { class: classes.join(" "), "data-channel": one.id, onclick: () => open(one.id) },
    mark,
    h("span.ellipsis", {}, title(one)),
    calls ? h("span.badge", {}, String(calls)) : null,
  );
}

function who(become) {
  const own = person(me());
  const button = h(
    "button.me",
    { "aria-haspopup": "listbox", title: say("act") },
    avatar(own),
    h("span", {}, h("b.ellipsis", {}, own.name), h("small.ellipsis", {}, own.title || `@${own.handle}`)),
    icon("chevron"),
  );
  button.addEventListener("click", async () => {
    const options = people().filter((one) => !one.bot).map((one) => ({ value: one.id, label: one.name, note: one.title, person: one }));
    const row = (option, item) => {
      item.classList.add("person");
      item.append(avatar(option.person), h("span", {}, option.label, h("small", {}, [option.note, option.person.language].filter(Boolean).join(" · "))));
      return item;
    };
    const chosen = await menu(button, options, { chosen: [me()], render: row, search: false });
    if (chosen && chosen !== me()) become(chosen);
  });
  return button;
}


function health(data) {
  const app = bot()?.name ?? "";
  return h("div.health", {}, h("span.dot", { class: data.connected ? "live" : "" }), say(data.connected ? "connected" : "disconnected", { app }));
}
