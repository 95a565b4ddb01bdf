// Makes elements. Text always becomes a text node: nothing that a stranger wrote is ever read as markup.

export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.classList.add(...value.split(" ").filter(Boolean));
    else if (key === "style") for (const [rule, set] of Object.entries(value)) element.style.setProperty(rule, set);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(4).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  chevron: "m6 9 6 6 6-6",
  back: "m15 5-7 7 7 7",
  close: "M6 6l12 12M18 6 6 18",
  send: "M4 12 20 4l-6 17-3-7z",
  reply: "M4 5h16v11H10l-5 4v-4H4z",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zm10 3a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  pin: "M9 3h6l-1 7 4 4H6l4-4zM12 14v7",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  spin: "M12 3a9 9 0 1 0 9 9",
  alert: "M12 8v5m0 3v.5M12 3l10 18H2z",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4",
  box: "M4 4h16v5H4zM6 9v11h12V9M10 13h4",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "1.8");
  path.setAttribute("stroke-linejoin", "round");
  path.setAttribute("stroke-linecap", "round");
  svg.append(path);
  return svg;
}

const HUES = ["#3f7d6e", "#8a4f7d", "#b0632b", "#3d6fb0", "#7a6a2e", "#5f57b8", "#a8433f", "#4b7a3a"];

export function avatar(person, size = "") {
  if (!person || person.bot) {
    return h("span.avatar.robot", { class: size }, h("img", { src: "/static/bell.svg", alt: "" }));
  }
  const sum = [...person.id].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) | 0, 7);
  const words = person.name.trim().split(/\s+/);
  const first = /\p{Script=Han}/u.test(person.name) ? [...person.name][0] : words.map((word) => word[0]).slice(0, 2).join("");
  return h("span.avatar", { class: size, style: { background: HUES[Math.abs(sum) % HUES.length] } }, first.toUpperCase());
}
