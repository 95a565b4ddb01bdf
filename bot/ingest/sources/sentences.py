"""Every sentence that Tocsin says about a source, in English and Chinese.

A source keeps its last failure as the English sentence; ``translate`` finds the template that it was made
from and says it in another language, so that a Chinese team reads Chinese whoever polled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

SENTENCES: Mapping[str, tuple[str, str]] = {
    "unknown_name": (
        "No machine answers to the name {host}. Look for a spelling mistake in this source's url in tocsin.yaml.",
        "找不到名为 {host} 的主机。请检查 tocsin.yaml 中该信息源的 url 是否拼写有误。",
    ),
    "unreachable": (
        "{host} could not be reached ({why}). Look at the url in tocsin.yaml and at this machine's network.",
        "无法连接 {host}（{why}）。请检查 tocsin.yaml 中的 url 以及本机网络。",
    ),
    "private": (
        "{host} leads to {address}, a private address, which Tocsin refuses. If you trust it, set "
        "allow_private: true on this source in tocsin.yaml.",
        "{host} 指向内网地址 {address}，Tocsin 拒绝访问。如果可信，请在 tocsin.yaml 中为该信息源设置 "
        "allow_private: true。",
    ),
    "certificate": (
        "The certificate of {host} is not valid ({why}). Open the url in a browser to see what is wrong with it.",
        "{host} 的证书无效（{why}）。请用浏览器打开该 url 查看问题。",
    ),
    "slow": (
        "{host} did not deliver within {seconds} seconds. Tocsin tries again by itself; if it stays so, "
        "open the url in a browser.",
        "{host} 未能在 {seconds} 秒内返回内容。Tocsin 会自动重试；若持续如此，请用浏览器打开该 url 查看。",
    ),
    "broke_off": (
        "{host} broke off in the middle of its answer. Tocsin tries again by itself; if it stays so, tell "
        "whoever runs that server.",
        "{host} 在返回内容时中断。Tocsin 会自动重试；若持续如此，请联系该服务器的管理员。",
    ),
    "redirects": (
        "{host} sent Tocsin on more than {count} times. Open the url in a browser and put the address where "
        "it ends into tocsin.yaml.",
        "{host} 的重定向超过 {count} 次。请用浏览器打开该 url，并把最终地址写入 tocsin.yaml。",
    ),
    "bad_url": (
        "{host} is not a web address. The url of this source in tocsin.yaml must begin with http:// or https://.",
        "{host} 不是有效的网址。tocsin.yaml 中该信息源的 url 必须以 http:// 或 https:// 开头。",
    ),
    "bad_redirect": (
        "{host} sends Tocsin on to something that is not a web address. Open the url in a browser to see "
        "where it leads.",
        "{host} 重定向到的不是网址。请用浏览器打开该 url 查看它指向何处。",
    ),
    "too_large": (
        "{host} delivers more than {megabytes} MB, so Tocsin stopped reading. Ask its server for fewer "
        "items, or take another feed of the same site.",
        "{host} 返回的内容超过 {megabytes} MB，Tocsin 已停止读取。请减少该接口返回的条数，或改用同一网站的其他订阅源。",
    ),
    "damaged": (
        "The answer of {host} is damaged: its {coding} compression cannot be undone. Tocsin tries again by itself.",
        "{host} 返回的内容已损坏，无法解压（{coding}）。Tocsin 会自动重试。",
    ),
    "empty": (
        "{host} answered with nothing at all. Open the url in a browser to see whether it still exists.",
        "{host} 返回的内容为空。请用浏览器打开该 url，确认它是否仍然存在。",
    ),
    "not_allowed": (
        "{host} does not let Tocsin in (status {status}). Look at the login, key or headers of this source "
        "in tocsin.yaml.",
        "{host} 拒绝访问（状态码 {status}）。请检查 tocsin.yaml 中该信息源的账号、密钥或 headers。",
    ),
    "not_found": (
        "{host} has nothing at this address (status {status}). Look for the feed's new address on its site "
        "and put it into tocsin.yaml.",
        "{host} 的该地址不存在（状态码 {status}）。请在网站上查找新的订阅地址并写入 tocsin.yaml。",
    ),
    "too_often": (
        "{host} says that Tocsin asks too often (status {status}). Raise every on this source in "
        "tocsin.yaml if this comes again.",
        "{host} 表示访问过于频繁（状态码 {status}）。如再次出现，请在 tocsin.yaml 中调大该信息源的 every。",
    ),
    "server_fault": (
        "{host} has trouble of its own (status {status}). Tocsin tries again by itself; if it stays so, "
        "open the url in a browser.",
        "{host} 自身发生故障（状态码 {status}）。Tocsin 会自动重试；若持续如此，请用浏览器打开该 url 查看。",
    ),
    "odd_status": (
        "{host} answered with status {status}, which no feed should. Open the url in a browser to see what it is.",
        "{host} 返回了状态码 {status}，订阅源不应如此。请用浏览器打开该 url 查看。",
    ),
    "unasked_304": (
        "{host} says that nothing changed although Tocsin asked for everything. Its server or a cache "
        "before it is faulty: open the url in a browser.",
        "Tocsin 请求了全部内容，{host} 却回答没有变化。该服务器或其缓存有误，请用浏览器打开该 url 查看。",
    ),
    "web_page": (
        "{host} answered with a web page instead of a feed, perhaps a login or an error page. Open the url "
        "in a browser to see it.",
        "{host} 返回的是网页而不是订阅源，可能是登录页或错误页。请用浏览器打开该 url 查看。",
    ),
    "web_page_naming": (
        "{host} answered with a web page instead of a feed. The page names this feed, which you can put "
        "into tocsin.yaml: {feed}",
        "{host} 返回的是网页而不是订阅源。该页面指明的订阅地址如下，可写入 tocsin.yaml：{feed}",
    ),
    "not_a_feed": (
        "What {host} delivers is neither RSS, Atom nor JSON Feed. If it is JSON of another shape, use kind: "
        "json with a mapping in tocsin.yaml.",
        "{host} 返回的内容不是 RSS、Atom 或 JSON Feed。如果是其他结构的 JSON，请在 tocsin.yaml 中使用 kind: "
        "json 并配置映射。",
    ),
    "broken_feed": (
        "The feed of {host} is broken ({why}). Tocsin tries again by itself; a feed validator shows the "
        "place to its owner.",
        "{host} 的订阅源格式有误（{why}）。Tocsin 会自动重试；订阅源的维护者可用校验工具定位问题。",
    ),
    "not_json": (
        "What {host} delivers is not JSON ({why}). Open the url in a browser to see what it is.",
        "{host} 返回的内容不是 JSON（{why}）。请用浏览器打开该 url 查看。",
    ),
    "bad_expression": (
        "{field}: {expression} is not a JMESPath expression ({why}). Look at this source's mapping in "
        "tocsin.yaml; jmespath.org has the syntax.",
        "{field}：{expression} 不是有效的 JMESPath 表达式（{why}）。请检查 tocsin.yaml 中该信息源的 mapping；"
        "语法见 jmespath.org。",
    ),
    "bad_field": (
        "{field} is not a part of a post. Look at this source's mapping in tocsin.yaml: {known} are understood.",
        "{field} 不是帖子的组成部分。请检查 tocsin.yaml 中该信息源的 mapping，可用的键为 {known}。",
    ),
    "bad_timezone": (
        "{zone} is not a time zone. Write one such as Asia/Shanghai as this source's timezone in tocsin.yaml.",
        "{zone} 不是有效的时区。请在 tocsin.yaml 中把该信息源的 timezone 写成 Asia/Shanghai 这样的名称。",
    ),
    "no_list": (
        "The expression items: {expression} finds no list in the answer, whose keys are {keys}. Look at "
        "this source's items in tocsin.yaml.",
        "表达式 items: {expression} 在返回内容中找不到列表，其键为 {keys}。请检查 tocsin.yaml 中该信息源的 items。",
    ),
    "no_texts": (
        "None of the {total} items has a text ({why}). Look at this source's mapping in tocsin.yaml.",
        "{total} 条内容均没有正文（{why}）。请检查 tocsin.yaml 中该信息源的 mapping。",
    ),
    "some_left_out": (
        "{count} of {total} items could not be read and were left out; the first: {why}.",
        "{total} 条内容中有 {count} 条无法读取，已略过；第一条的原因：{why}。",
    ),
    "no_file": (
        "There is no file {path}. Look at the path of this source in tocsin.yaml; Tocsin goes on as soon as it exists.",
        "文件 {path} 不存在。请检查 tocsin.yaml 中该信息源的路径；文件出现后 Tocsin 会自动继续。",
    ),
    "unreadable_file": (
        "The file {path} cannot be read ({why}). Look at its permissions and at the path of this source in "
        "tocsin.yaml.",
        "无法读取文件 {path}（{why}）。请检查其权限以及 tocsin.yaml 中该信息源的路径。",
    ),
    "unwritable_file": (
        "The file {path} cannot be written ({why}). Look at its permissions and at the space on the disk.",
        "无法写入文件 {path}（{why}）。请检查其权限和磁盘空间。",
    ),
    "not_opml": (
        "{path} is not an OPML file ({why}). Export the list of feeds again from your feed reader as OPML.",
        "{path} 不是 OPML 文件（{why}）。请从订阅阅读器中重新导出 OPML。",
    ),
    "unknown_kind": (
        "There is no kind of source named {kind}. Look at this source in tocsin.yaml: {known} are understood.",
        "没有名为 {kind} 的信息源类型。请检查 tocsin.yaml 中的该信息源，可用类型为 {known}。",
    ),
    "no_source": (
        "There is no source {name}. Add it to tocsin.yaml first, so that its posts belong somewhere.",
        "没有名为 {name} 的信息源。请先在 tocsin.yaml 中添加，帖子才有归属。",
    ),
    "no_import": (
        "There is no file {path}. Look for a spelling mistake in its path.",
        "文件 {path} 不存在。请检查路径是否拼写有误。",
    ),
    "broken_settings": (
        "The settings file is not valid YAML, so nothing was added to it. Run tocsin check to see the place.",
        "设置文件不是有效的 YAML，未作任何更改。请运行 tocsin check 查看出错位置。",
    ),
    "no_room_for_sources": (
        "The settings file's sources are not written one below the other, so nothing was added to it. Copy "
        "them in by hand from what tocsin import opml prints without a settings file.",
        "设置文件中的 sources 不是逐行列出的写法，未作任何更改。请在不指定设置文件的情况下"
        "运行 tocsin import opml，再手动复制输出内容。",
    ),
    "push_nowhere": (
        "There is no source {name} that takes pushes. Look for a source of kind webhook in tocsin.yaml.",
        "没有名为 {name} 的可推送信息源。请在 tocsin.yaml 中查看 kind 为 webhook 的信息源。",
    ),
    "push_off": (
        "Nothing can be pushed to {name} yet. Set TOCSIN_WEBHOOK_SECRET in the environment of Tocsin.",
        "暂时无法向 {name} 推送。请在 Tocsin 的环境变量中设置 TOCSIN_WEBHOOK_SECRET。",
    ),
    "push_unsigned": (
        "A push came without a signature and was refused. Look at how the sender makes the header {header}.",
        "收到未签名的推送，已拒绝。请检查发送方如何生成请求头 {header}。",
    ),
    "push_wrong_signature": (
        "A push came with a wrong signature in {header} and was refused. Compare the sender's secret with "
        "TOCSIN_WEBHOOK_SECRET.",
        "推送的签名 {header} 不正确，已拒绝。请核对发送方的密钥与 TOCSIN_WEBHOOK_SECRET 是否一致。",
    ),
    "push_stale": (
        "A push was signed more than {minutes} minutes from now and was refused. Look at the sender's clock.",
        "推送的签名时间与当前相差超过 {minutes} 分钟，已拒绝。请检查发送方的时钟。",
    ),
    "push_too_large": (
        "A push was larger than {megabytes} MB and was refused. Send the posts in several pushes.",
        "推送超过 {megabytes} MB，已拒绝。请分多次推送。",
    ),
    "push_unreadable": (
        "A push held no posts ({why}). Look at the post format in Tocsin's README and at what the sender sends.",
        "推送中没有帖子（{why}）。请对照 Tocsin 的 README 中的帖子格式检查发送内容。",
    ),
    "push_broke": (
        "Something went wrong inside Tocsin while it took this push in. Look for {reference} in its log.",
        "Tocsin 接收推送时发生内部错误，日志编号 {reference}。",
    ),
    "unexpected": (
        "Something went wrong inside Tocsin while it read this source. Look for {reference} in its log; it "
        "tries again by itself.",
        "Tocsin 读取该信息源时发生内部错误。请在日志中查找 {reference}；Tocsin 会自动重试。",
    ),
}


def say(code: str, speak: str, **values: str) -> str:
    """The sentence *code* in the language *speak*, English for a language that Tocsin does not speak."""
    english, chinese = SENTENCES[code]
    return (chinese if speak.startswith("zh") else english).format(**values)


def translate(sentence: str, speak: str) -> str:
    """An English sentence made by ``say``, in the language *speak*; any other comes back unchanged."""
    if not speak.startswith("zh"):
        return sentence
    for code, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return say(code, speak, **found.groupdict())
    return sentence


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((code, _pattern(english)) for code, (english, _) in SENTENCES.items())


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    escaped = [f"(?P<{part}>.*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(escaped), re.DOTALL)
