// The page's own sentences in both languages. What the bot writes is the bot's affair.

export const WORDS = {
  en: {
    channels: "Channels", direct: "Direct messages", apps: "Apps", you: "you", app: "APP", local: "Local workspace",
    connected: "{app} is connected", disconnected: "{app} is not connected", lost: "Connection lost. Trying again…",
    write: "Message {where}", writeThread: "Reply…", send: "Send", thread: "Thread", close: "Close", back: "Back",
    onlyYou: "Only visible to you", edited: "(edited)", gone: "This message was deleted.", pinned: "Pinned",
    replies: ["{n} reply", "{n} replies"], lastReply: "Last reply {when}", unseen: "New", newer: "New messages",
    reply: "Reply in thread", copy: "Copy link", copied: "The link is copied.", act: "Act as", commands: "Commands",
    start: "This is the beginning of {where}", startDirect: "This is your conversation with {who}",
    tryCommand: "Type a command below, for example", archived: "This channel is archived. It can be read, not written to.",
    members: "{n} members", search: "Search", none: "Nothing found", choose: "Choose…", optional: "(optional)", cancel: "Cancel",
    notTaken: "That did not work: {problem}", home: "Home", messages: "Messages", noHome: "There is nothing here yet.",
    alsoSent: "also sent to the channel", from: "replied to a thread", picture: "Picture", more: "More actions", react: "React with {name}",
    problem_operation_timeout: "the app did not answer in time", problem_dispatch_failed: "the app is not connected", switched: "You are now {who}.",
  },
  zh: {
    channels: "频道", direct: "私信", apps: "应用", you: "你", app: "应用", local: "本地工作区",
    connected: "{app} 已连接", disconnected: "{app} 未连接", lost: "连接已断开，正在重试…",
    write: "发消息到 {where}", writeThread: "回复…", send: "发送", thread: "消息列", close: "关闭", back: "返回",
    onlyYou: "仅你可见", edited: "（已编辑）", gone: "此消息已删除。", pinned: "已置顶",
    replies: ["{n} 条回复", "{n} 条回复"], lastReply: "最后回复于 {when}", unseen: "新消息", newer: "有新消息",
    reply: "在消息列中回复", copy: "复制链接", copied: "链接已复制。", act: "切换身份", commands: "命令",
    start: "这里是 {where} 的开头", startDirect: "这是你与 {who} 的对话",
    tryCommand: "在下方输入命令，例如", archived: "此频道已归档，只能阅读，不能发言。",
    members: "{n} 位成员", search: "搜索", none: "没有找到", choose: "请选择…", optional: "（选填）", cancel: "取消",
    notTaken: "操作未成功：{problem}", home: "主页", messages: "消息", noHome: "这里还没有内容。",
    alsoSent: "同时发送到频道", from: "回复了消息列", picture: "图片", more: "更多操作", react: "用 {name} 回应",
    problem_operation_timeout: "应用没有及时响应", problem_dispatch_failed: "应用未连接", switched: "你现在的身份是 {who}。",
  },
};

let language = "en";

export function speak(locale) {
  language = locale.startsWith("zh") ? "zh" : "en";
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

export function say(key, values = {}) {
  let text = WORDS[language][key] ?? key;
  if (Array.isArray(text)) text = text[values.n === 1 ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function problem(code) {
  return WORDS[language][`problem_${code}`] ?? code;
}

const date = (ts) => new Date(Number(ts) * 1000);
const tongue = () => (language === "zh" ? "zh-CN" : "en-GB");

export const clock = (ts) => date(ts).toLocaleTimeString(tongue(), { hour: "2-digit", minute: "2-digit", hour12: false });
export const dayKey = (ts) => date(ts).toDateString();
export const day = (ts) => date(ts).toLocaleDateString(tongue(), { weekday: "long", day: "numeric", month: "long" });
export const moment = (ts) => date(ts).toLocaleString(tongue(), { dateStyle: "full", timeStyle: "medium" });
