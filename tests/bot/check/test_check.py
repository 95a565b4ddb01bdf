"""`tocsin check`: each thing that can be wrong gets its sentence, and one fault hides no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from bot.check import check
from bot.check.findings import CheckResult, CheckSentences
from bot.config.environment import Environment
from bot.i18n.speech import Speech
from bot.infra.clock import SystemClock
from bot.records import Item, NewPost, SourceRecord
from bot.sandbox import App, Room, Sandbox, SandboxServer, Somebody, Subteam
from bot.slack.checks import SCOPES
from bot.store import Store

FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "items": [{"id": "1", "content_text": "All is calm.", "date_published": "2026-03-02T07:30:00Z"}],
    }
)
SETTINGS = """\
language: {language}
default_channel: desk
channels:
  - {{name: desk, id: C0DESK001}}
people:
  - {{name: officer, slack: U0OFFICER1}}
  - {{name: head, email: head@example.com}}
policies:
  - name: default
    steps:
      - {{after: 0m, notify: [topic]}}
      - {{after: 15m, notify: [officer, head, "#alarms"]}}
topics:
  - {{name: Brand, query: brand, channel: desk}}
sources:
  - {{name: news, kind: jsonfeed, url: "{feed}", allow_private: true}}
  - {{name: tickets, kind: webhook}}
"""


@pytest.fixture(scope="module")
def slack() -> Iterator[SandboxServer]:
    sandbox = Sandbox(
        channels=[
            Room(name="desk", id="C0DESK001"),
            Room(name="alarms", id="C0ALARM01"),
            Room(name="out", id="C0OUTSIDE", bot=False),
        ],
        app=App(scopes=SCOPES),
        people=[
            Somebody(name="Officer", id="U0OFFICER1"),
            Somebody(name="Head", id="U0HEAD0001", email="head@example.com"),
        ],
        groups=[Subteam(handle="chiefs", people=("Head",))],
        rates=False,
    )
    with SandboxServer(sandbox) as running:
        yield running


@pytest.fixture
def env(tmp_path: Path, slack: SandboxServer, valkey_server: str, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Everything as it should be, but for the model: loading one takes seconds, and has a test of its own."""
    monkeypatch.setenv("TOCSIN_WEBHOOK_SECRET_TICKETS", "s3cret")
    (tmp_path / "no-model").mkdir()  # a folder, so that the hub is not asked
    (tmp_path / "no-model" / "config.json").write_text("no JSON", encoding="utf-8")
    return Environment(
        data_dir=tmp_path,
        database_url="",
        redis_url=valkey_server,
        model=str(tmp_path / "no-model"),
        slack_api_url=slack.api_url,
        slack_bot_token=SecretStr(slack.bot_token),
        slack_app_token=SecretStr(slack.app_token),
    )


def written(tmp_path: Path, feed: str, language: str = "en") -> Path:
    path = tmp_path / "tocsin.yaml"
    path.write_text(SETTINGS.format(feed=feed, language=language), encoding="utf-8")
    return path


def found(path: Path, env: Environment) -> dict[str, list[CheckResult]]:
    """What was found, by the thing that was looked at."""
    findings: dict[str, list[CheckResult]] = {}
    for finding in check.run(path, env):
        findings.setdefault(finding.what, []).append(finding)
    return findings


def test_all_is_well(tmp_path: Path, env: Environment, site: object) -> None:
    """With everything in its place only the model that is not there is complained of."""
    feed = site.gives("/feed.json", FEED)  # type: ignore[attr-defined]
    findings = found(written(tmp_path, feed), env)
    bad = [finding for group in findings.values() for finding in group if not finding.ok]
    assert [finding.what for finding in bad] == ["model"]
    assert findings["source news"][0].sentence.startswith("It answers; posts: 1, the newest from 2026-03-02 07:30 UTC")
    assert "#desk" in findings["desk"][0].sentence
    assert set(findings) >= {"settings", "database", "redis", "slack", "desk", "#alarms", "officer", "head", "model"}


QUERIES = """
queries:
  - {name: rivals, query: larch or spruce}
topics:
  - {name: Everything, query: "the OR Shell"}
  - {name: Slip, query: "@rival"}
"""


@pytest.mark.parametrize(
    ("language", "what", "said"),
    [
        ("en", "query of {}", ["write OR.", "case:Shell finds it", "100 % of the newest 30", "You may mean @rivals"]),
        ("zh", "{} 的查询", ["请写 OR", "写成 case:Shell", "最新 30 条已存帖子中有 100%", "可能是 @rivals"]),
    ],
)
def test_what_queries_may_mean_otherwise_and_what_is_too_wide_is_told(
    tmp_path: Path, env: Environment, language: str, what: str, said: list[str]
) -> None:
    """Remarks are no faults: the settings can be used as they are."""
    path = tmp_path / "tocsin.yaml"
    path.write_text(f"language: {language}\ndefault_channel: '#desk'\n{QUERIES}", encoding="utf-8")
    now = SystemClock().now()
    with Store.open(env.database) as store:
        store.migrate()
        source = SourceRecord(id=0, name="town", kind="rss", url="https://feeds.example/a", every=60.0)
        [known] = store.sources.sync([source])
        posts = [
            NewPost(item=Item(external_id=str(n), published=now, text="the mill"), published=now) for n in range(30)
        ]
        store.posts.add(known, posts, now)
    findings = found(path, env)
    told = [one for name in ("rivals", "Everything", "Slip") for one in findings[what.format(name)]]
    assert all(one.ok for one in told)
    assert [any(part in one.sentence for one in told) for part in said] == [True] * len(said)


def test_it_changes_nothing(tmp_path: Path, env: Environment, slack: SandboxServer, site: object) -> None:
    """No table is made and nobody is written to."""
    feed = site.gives("/feed.json", FEED)  # type: ignore[attr-defined]
    first = found(written(tmp_path, feed), env)["database"][0].sentence
    again = found(written(tmp_path, feed), env)["database"][0].sentence
    assert "still empty" in first
    assert first == again
    assert slack.sandbox.messages("C0DESK001") == []


def test_it_speaks_chinese_where_the_settings_do(tmp_path: Path, env: Environment, site: object) -> None:
    """Findings come in the language of the settings, those about sources too."""
    html = site.gives("/page", "<!doctype html><html><body>hello</body></html>")  # type: ignore[attr-defined]
    findings = found(written(tmp_path, html, language="zh"), env)
    assert findings["Redis"][0].sentence.startswith("Redis 可用")
    assert not findings["信息源 news"][0].ok
    assert "网页" in findings["信息源 news"][0].sentence


def test_broken_settings_leave_the_other_looks(tmp_path: Path, env: Environment) -> None:
    """Each fault is a finding with its line; database, Redis and Slack are looked at all the same."""
    path = tmp_path / "tocsin.yaml"
    path.write_text("default_channel: desk\ntopics: x\n", encoding="utf-8")
    findings = found(path, env)
    assert [finding.ok for finding in findings["settings"]] == [False, False]
    assert "line 2" in findings["settings"][1].sentence
    assert all(finding.ok for name in ("database", "redis", "slack") for finding in findings[name])


def test_an_unreachable_database_is_told(tmp_path: Path, env: Environment) -> None:
    """Neither a wrong address nor a closed port raises anything."""
    for url in ("mysql://x/y", "sqlite:////proc/nowhere/tocsin.db", "postgresql://127.0.0.1:1/tocsin"):
        finding = found(tmp_path / "none.yaml", env.model_copy(update={"database_url": url}))["database"][0]
        assert not finding.ok
        assert "TOCSIN_DATABASE_URL" in finding.hint


def test_an_unreachable_redis_is_told(tmp_path: Path, env: Environment) -> None:
    """A closed port, and an address that is none."""
    for url in ("redis://127.0.0.1:1/0", "nonsense"):
        finding = found(tmp_path / "none.yaml", env.model_copy(update={"redis_url": url}))["redis"][0]
        assert not finding.ok
        assert "TOCSIN_REDIS_URL" in finding.hint


def test_without_redis_the_embedded_server_is_tried(tmp_path: Path, env: Environment) -> None:
    """The default needs nothing installed."""
    finding = found(tmp_path / "none.yaml", env.model_copy(update={"redis_url": ""}))["redis"][0]
    assert finding.ok
    assert "embedded Valkey" in finding.sentence


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slack_bot_token": SecretStr("")}, "There is no Slack token."),
        ({"slack_bot_token": SecretStr("xoxb-wrong")}, "Slack refuses the token (invalid_auth)."),
        ({"slack_app_token": SecretStr("xapp-wrong")}, "Slack opens no socket (invalid_auth)."),
        ({"slack_app_token": SecretStr("")}, "neither an app token nor a signing secret"),
        ({"slack_api_url": "http://127.0.0.1:1/api/"}, "Slack does not answer"),
    ],
)
def test_each_trouble_with_slack_has_its_sentence(
    tmp_path: Path, env: Environment, changes: dict[str, object], said: str
) -> None:
    """A token that is missing or wrong, a socket that does not open, a network that is down."""
    findings = found(tmp_path / "none.yaml", env.model_copy(update=changes))["slack"]
    bad = [finding for finding in findings if not finding.ok]
    assert len(bad) == 1
    assert said in bad[0].sentence
    assert bad[0].hint


def test_a_signing_secret_is_a_way_in(tmp_path: Path, env: Environment) -> None:
    """Without an app token Slack reaches Tocsin over HTTP."""
    changes = {"slack_app_token": SecretStr(""), "slack_signing_secret": SecretStr("s")}
    findings = found(tmp_path / "none.yaml", env.model_copy(update=changes))["slack"]
    assert any("over HTTP" in finding.sentence for finding in findings)


def test_lacking_scopes_are_named(tmp_path: Path, env: Environment) -> None:
    """A token from an older manifest."""
    with SandboxServer(Sandbox(app=App(scopes=("chat:write", "commands")), rates=False)) as narrow:
        changes = {"slack_api_url": narrow.api_url, "slack_bot_token": SecretStr(narrow.bot_token)}
        findings = found(tmp_path / "none.yaml", env.model_copy(update=changes))["slack"]
    bad = next(finding for finding in findings if "scopes" in finding.sentence and not finding.ok)
    assert "users:read.email" in bad.sentence
    assert "chat:write," not in bad.sentence


@pytest.mark.parametrize(
    ("settings", "what", "said"),
    [
        ("default_channel: C0NOWHERE\n", "C0NOWHERE", "Slack shows Tocsin no channel C0NOWHERE (channel_not_found)."),
        ("default_channel: '#nowhere'\n", "#nowhere", "Tocsin is not a member of #nowhere."),
        ("default_channel: '#out'\n", "#out", "Tocsin is not a member of #out."),
        (
            "default_channel: C0DESK001\npeople: [{name: x, slack: U0NOBODY1}]\n"
            "policies: [{name: default, steps: [{after: 0m, notify: [x]}]}]\n",
            "x",
            "Slack knows nobody as x (user_not_found).",
        ),
        (
            "default_channel: C0DESK001\npeople: [{name: x, email: x@example.org}]\n"
            "policies: [{name: default, steps: [{after: 0m, notify: [x]}]}]\n",
            "x",
            "Slack knows nobody as x (users_not_found).",
        ),
    ],
)  # fmt: skip
def test_whoever_cannot_be_reached_is_named(
    tmp_path: Path, env: Environment, settings: str, what: str, said: str
) -> None:
    """A wrong id, a channel that the bot is not in, an address that nobody has."""
    path = tmp_path / "tocsin.yaml"
    path.write_text(settings, encoding="utf-8")
    finding = found(path, env)[what][0]
    assert (finding.ok, finding.sentence) == (False, said)


ROLES = """\
default_channel: C0DESK001
people:
  - {name: officer, slack: U0OFFICER1}
  - {name: gone, email: gone@example.org, lead: true}
roles:
  respond: [channel, officer, U0NOBODY1]
  close: ["@chiefs", "@nobody"]
"""


def test_whom_roles_name_is_looked_for_too(tmp_path: Path, env: Environment) -> None:
    """People, leads and user groups: each one that Slack does not know has its sentence."""
    path = tmp_path / "tocsin.yaml"
    path.write_text(ROLES, encoding="utf-8")
    findings = found(path, env)
    told = {name: (findings[name][0].ok, findings[name][0].sentence) for name in ("officer", "U0NOBODY1", "gone")}
    assert told == {
        "officer": (True, "officer can be reached."),
        "U0NOBODY1": (False, "Slack knows nobody as U0NOBODY1 (user_not_found)."),
        "gone": (False, "Slack knows nobody as gone (users_not_found)."),
    }
    assert findings["@chiefs"][0].sentence == "The user group @chiefs is known. People in it: 1."
    assert (findings["@nobody"][0].ok, findings["@nobody"][0].sentence) == (False, "Slack knows no user group @nobody.")


def test_the_scope_of_user_groups_is_only_missed_where_a_role_names_one(tmp_path: Path, env: Environment) -> None:
    path = tmp_path / "tocsin.yaml"
    older = App(scopes=tuple(scope for scope in SCOPES if scope != "usergroups:read"))
    with SandboxServer(Sandbox(app=older, channels=[Room(name="desk", id="C0DESK001")], rates=False)) as narrow:
        changes = {"slack_api_url": narrow.api_url, "slack_bot_token": SecretStr(narrow.bot_token)}
        path.write_text(ROLES, encoding="utf-8")
        [lacking] = [
            one for one in found(path, env.model_copy(update=changes))["slack"] if "usergroups" in one.sentence
        ]
        path.write_text("default_channel: C0DESK001\n", encoding="utf-8")
        [spared] = [one for one in found(path, env.model_copy(update=changes))["slack"] if "usergroups" in one.sentence]
    assert not lacking.ok
    assert "the user groups in roles count for nobody: @chiefs, @nobody" in lacking.sentence
    assert spared.ok
    assert "nothing is lost" in spared.sentence


def test_a_public_channel_need_not_be_joined_by_hand(tmp_path: Path, env: Environment) -> None:
    """Tocsin enters it when it has something to say."""
    path = tmp_path / "tocsin.yaml"
    path.write_text("default_channel: C0OUTSIDE\n", encoding="utf-8")
    finding = found(path, env)["C0OUTSIDE"][0]
    assert finding.ok
    assert "joins #out by itself" in finding.sentence


def test_an_archived_channel_is_told(tmp_path: Path, env: Environment, slack: SandboxServer) -> None:
    """Nothing would be delivered there."""
    path = tmp_path / "tocsin.yaml"
    path.write_text("default_channel: C0ALARM01\n", encoding="utf-8")
    slack.sandbox.archive("alarms")
    try:
        finding = found(path, env)["C0ALARM01"][0]
    finally:
        slack.sandbox.archive("alarms", archived=False)
    assert (finding.ok, finding.sentence) == (False, "#alarms is archived.")


@pytest.mark.parametrize(
    ("urls", "ok", "told"),
    [
        ("", True, "There is none"),
        ("mailto://me:letmein@mail.example.com json://127.0.0.1:9/", True, "told when Slack takes nothing: 2"),
        ("mailto://me:letmein@mail.example.com, carrier-pigeon://letmein", False, "counted from the first: 2"),
    ],
)
def test_a_last_resort_that_is_not_understood_is_told_by_its_number(
    tmp_path: Path, env: Environment, urls: str, ok: bool, told: str
) -> None:
    path = written(tmp_path, "http://127.0.0.1:1/feed.json")
    [finding] = found(path, env.model_copy(update={"last_resort": SecretStr(urls)}))["last resort"]
    assert finding.ok is ok
    assert told in finding.sentence
    assert "letmein" not in finding.sentence + finding.hint
    assert "letmein" not in repr(env)


def test_a_channel_by_a_name_that_tocsin_is_not_in_is_told(tmp_path: Path, env: Environment) -> None:
    path = written(tmp_path, "http://127.0.0.1:1/feed.json")
    path.write_text(path.read_text("utf-8").replace('"#alarms"', '"#out"'), encoding="utf-8")
    [finding] = found(path, env)["#out"]
    assert (finding.ok, finding.sentence) == (False, "Tocsin is not a member of #out.")


def test_a_push_source_needs_a_secret(tmp_path: Path, env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unsigned posts would be refused, so the missing secret is a fault."""
    monkeypatch.delenv("TOCSIN_WEBHOOK_SECRET_TICKETS")
    path = tmp_path / "tocsin.yaml"
    path.write_text("default_channel: C0DESK001\nsources: [{name: tickets, kind: webhook}]\n", encoding="utf-8")
    unsigned = Environment(**{**env.model_dump(), "model": env.model})
    assert not found(path, unsigned)["source tickets"][0].ok


def test_a_private_address_is_refused_unless_allowed(tmp_path: Path, env: Environment, site: object) -> None:
    """The sentence says which setting allows it."""
    feed = site.gives("/feed.json", FEED)  # type: ignore[attr-defined]
    path = tmp_path / "tocsin.yaml"
    source = f"{{name: news, kind: jsonfeed, url: '{feed}'}}"
    path.write_text(f"default_channel: C0DESK001\nsources: [{source}]\n", encoding="utf-8")
    finding = found(path, env)["source news"][0]
    assert not finding.ok
    assert "allow_private: true" in finding.sentence


def test_scopes_are_those_of_the_manifest() -> None:
    """What is checked is what deploy/slack_manifest.yaml asks for."""
    manifest = Path(check.__file__).resolve().parents[2] / "deploy" / "slack_manifest.yaml"
    asked = yaml.safe_load(manifest.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"]
    assert sorted(asked) == sorted(SCOPES)


def test_a_finding_has_a_hint_only_where_it_helps() -> None:
    """What is well needs no place to look."""
    assert CheckSentences(Speech("en")).good("redis", "check.redis.good", version="8").hint == ""
    assert "TOCSIN_REDIS_URL" in CheckSentences(Speech("zh")).bad("redis", "check.redis.bad", why="x").hint
