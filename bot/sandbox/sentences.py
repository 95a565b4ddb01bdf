"""What the local Slack itself says to a person, in both languages. The bot's own words are not here."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "unknown_command": "{command} is not a valid command. The app answers to {commands}.",
        "failed": "{command} failed with the error “{problem}”.",
        "not_in_threads": "{command} does not work in threads. Type it in the channel.",
        "archived": "This channel is archived. Nothing can be posted here.",
        "click_failed": "The app did not answer ({problem}). Nothing has changed; try again.",
        "trouble": "We had some trouble connecting. Try again?",
        "required": "Please complete this required field.",
        "too_short": "This is too short.",
        "too_long": "This is too long.",
        "email": "Enter an e-mail address.",
        "url": "Enter a web address that begins with https://.",
        "number": "Enter a number in the allowed range.",
    },
    "zh": {
        "unknown_command": "{command} 不是有效的命令。此应用可用的命令：{commands}。",
        "failed": "{command} 执行失败，错误：“{problem}”。",
        "not_in_threads": "{command} 不能在消息列中使用，请在频道中输入。",
        "archived": "此频道已归档，无法发布消息。",
        "click_failed": "应用没有响应（{problem}）。没有任何改变，请重试。",
        "trouble": "连接出现问题。要再试一次吗？",
        "required": "请填写此必填项。",
        "too_short": "内容太短。",
        "too_long": "内容太长。",
        "email": "请输入电子邮件地址。",
        "url": "请输入以 https:// 开头的网址。",
        "number": "请输入允许范围内的数字。",
    },
}


def say(key: str, locale: str, **values: str) -> str:
    """The sentence in the language of *locale* (``zh-CN``, ``en-US``)."""
    language = "zh" if locale.startswith("zh") else "en"
    return SENTENCES[language][key].format(**values)
