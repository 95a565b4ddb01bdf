// The line to the sandbox: changes come in by WebSocket, deeds go out as JSON.

import { get } from "./state.js";

let socket = null;
let wanted = "";
let pause = 300;

export function listen(as, onNews, onState) {
  wanted = as;
  if (socket) {
    socket.onclose = null;
    socket.close();
  }
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const own = new WebSocket(`${scheme}://${location.host}/page/live?as=${encodeURIComponent(as)}`);
  socket = own;
  own.onopen = () => {
    pause = 300;
    onState(true);
  };
  own.onmessage = (event) => onNews(JSON.parse(event.data));
  own.onclose = () => {
    if (socket !== own) return;
    onState(false);
    setTimeout(() => socket === own && listen(wanted, onNews, onState), (pause = Math.min(pause * 2, 4000)));
  };
}

export async function act(deed, details) {
  try {
    const answer = await fetch("/page/do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ as: get().data.me, deed, ...details }),
    });
    return await answer.json();
  } catch {
    return { ok: false, problem: "network" };
  }
}
