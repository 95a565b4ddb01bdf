"""Fetching from servers that behave badly: each gets one plain sentence, in time, within limits."""

from __future__ import annotations

import gzip
import threading
import zlib
from http.server import BaseHTTPRequestHandler
from typing import Any

import brotli
import pytest

from bot.infra.clock import VirtualClock
from bot.ingest.fetch.fetch import Fetcher, Limits, host_of, place_of
from bot.ingest.sources import FetchError

MB = 1024 * 1024
FEED = b"<rss><channel><item><title>Recall</title></item></channel></rss>"


@pytest.fixture
def fetcher(clock: VirtualClock) -> Fetcher:
    return Fetcher(clock, limits=Limits(size=MB, seconds=2.0, redirects=3))


def refused(fetcher: Fetcher, source: Any, **how: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.get(source, **how)
    return caught.value


def test_a_body_comes_with_what_the_next_poll_asks_by(fetcher: Fetcher, site: Any, source: Any) -> None:
    """Body, type and validators are handed on, and the request says who asks."""
    url = site.gives("/f", FEED, ETag='"7"', Last_Modified="Mon, 02 Mar 2026 07:00:00 GMT", Content_Type="text/xml")
    fetched = fetcher.get(source(url))
    assert (fetched.body, fetched.etag, fetched.content_type) == (FEED, '"7"', "text/xml")
    assert fetched.last_modified == "Mon, 02 Mar 2026 07:00:00 GMT"
    assert "Tocsin" in site.asked[0][1]["user-agent"]


def test_an_unchanged_source_is_asked_conditionally(fetcher: Fetcher, site: Any, source: Any) -> None:
    """The etag and the date are sent along, and a 304 is not a body."""
    url = site.gives("/f", status=304)
    fetched = fetcher.get(source(url, etag='"7"', last_modified="Mon, 02 Mar 2026 07:00:00 GMT"))
    assert fetched.not_modified
    assert site.asked[0][1]["if-none-match"] == '"7"'
    assert site.asked[0][1]["if-modified-since"] == "Mon, 02 Mar 2026 07:00:00 GMT"


def test_a_304_that_nobody_asked_for_is_a_fault(fetcher: Fetcher, site: Any, source: Any) -> None:
    """Asked for everything, "not modified" is no answer."""
    error = refused(fetcher, source(site.gives("/f", status=304), etag='"7"'), conditional=False)
    assert "if-none-match" not in site.asked[0][1]
    assert "nothing changed although Tocsin asked for everything" in str(error)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:])),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("identity", lambda data: data),
    ],
)
def test_compressed_bodies_are_unpacked(fetcher: Fetcher, site: Any, source: Any, coding: str, pack: Any) -> None:
    """gzip, in several members too, deflate with and without its header, brotli."""
    url = site.gives("/f", pack(FEED), Content_Encoding=coding)
    assert fetcher.get(source(url)).body == FEED


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("br", lambda data: brotli.compress(data, quality=1))]
)
def test_a_bomb_is_stopped_at_the_limit(fetcher: Fetcher, site: Any, source: Any, coding: str, pack: Any) -> None:
    """50 MB in a few kilobytes are not unpacked."""
    url = site.gives("/f", pack(b"\0" * (50 * MB)), Content_Encoding=coding)
    assert "more than 1 MB" in str(refused(fetcher, source(url)))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_damaged_compression_is_said(fetcher: Fetcher, site: Any, source: Any, coding: str) -> None:
    """What is no gzip, or a coding that nobody offered, is damaged."""
    assert "damaged" in str(refused(fetcher, source(site.gives("/f", b"no such thing", Content_Encoding=coding))))


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_half_a_compressed_body_is_damaged(fetcher: Fetcher, site: Any, source: Any, coding: str, pack: Any) -> None:
    """A body that ends too early is not taken for a short one."""
    packed = pack(FEED * 50)
    url = site.gives("/f", packed[: len(packed) // 2], Content_Encoding=coding)
    assert "damaged" in str(refused(fetcher, source(url)))


def test_an_endless_body_is_read_up_to_the_limit(fetcher: Fetcher, site: Any, source: Any) -> None:
    """200 MB without a length: Tocsin stops at its limit, and the server notices."""
    sent = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(3200):
            handler.wfile.write(b" " * 65536)
            sent.append(65536)

    assert "more than 1 MB" in str(refused(fetcher, source(site.does("/f", endless))))
    assert sum(sent) < 20 * MB


def test_a_body_that_announces_its_size_is_not_read(fetcher: Fetcher, site: Any, source: Any) -> None:
    """Content-Length: 200 MB is enough to refuse."""
    url = site.gives("/f", b"x", Content_Length=str(200 * MB))
    assert "more than 1 MB" in str(refused(fetcher, source(url)))


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_server_that_drips_is_cut_off_in_time(clock: VirtualClock, site: Any, source: Any, where: str) -> None:
    """One byte now and then, in the headers or the body, does not hold a thread, although it would go on for ever."""
    fetcher = Fetcher(clock, limits=Limits(seconds=0.5))

    def drip(handler: BaseHTTPRequestHandler) -> None:
        if where == "body":
            handler.send_response(200)
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not site.closing.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    assert "did not deliver within 0.5 seconds" in str(refused(fetcher, source(site.does("/f", drip))))


def test_a_connection_that_breaks_off_is_said(fetcher: Fetcher, site: Any, source: Any) -> None:
    """Fewer bytes than announced are no body."""
    error = refused(fetcher, source(site.gives("/f", FEED, Content_Length="5000")))
    assert "broke off" in str(error)


def test_nobody_listening_is_said(fetcher: Fetcher, source: Any) -> None:
    """A closed port is told in words, with the port."""
    assert "127.0.0.1:9 could not be reached (Connection refused)" in str(
        refused(fetcher, source("http://127.0.0.1:9/f"))
    )


def test_https_spoken_to_a_plain_server_is_said(fetcher: Fetcher, site: Any, source: Any) -> None:
    error = refused(fetcher, source(site.gives("/f", FEED).replace("http://", "https://")))
    assert "could not be reached (" in str(error)
    assert "_ssl" not in str(error)


def test_a_name_without_a_machine_is_said(clock: VirtualClock, source: Any) -> None:
    """A name that does not resolve points at the spelling."""

    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    error = refused(Fetcher(clock, resolve=nowhere), source("http://wierd.example/f"))
    assert "No machine answers to the name wierd.example" in str(error)


@pytest.mark.parametrize(
    "url", ["ftp://feed.example/f", "feed.example/rss", "", "http://", "http://[::1/f", "file:///etc"]
)
def test_what_is_no_web_address_is_said(fetcher: Fetcher, source: Any, url: str) -> None:
    """Other schemes are not tried."""
    assert "must begin with http:// or https://" in str(refused(fetcher, source(url)))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (204, "nothing at all"), (401, "login"), (403, "login"), (404, "nothing at this address"),
        (410, "nothing at this address"), (418, "status 418"), (429, "too often"),
        (500, "trouble of its own"), (503, "trouble of its own"), (206, "status 206"),
    ],
)  # fmt: skip
def test_each_status_has_its_sentence(fetcher: Fetcher, site: Any, source: Any, status: int, words: str) -> None:
    """A person reads what the number means and where to look."""
    error = refused(fetcher, source(site.gives("/f", b"", status=status)))
    assert words in str(error)
    assert error.status == status


def test_an_empty_answer_is_a_fault(fetcher: Fetcher, site: Any, source: Any) -> None:
    """White space is nothing too."""
    assert "nothing at all" in str(refused(fetcher, source(site.gives("/f", b" \n "))))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Mon, 02 Mar 2026 08:10:00 GMT", 600.0),
        ("Mon, 02 Mar 2026 07:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    fetcher: Fetcher, site: Any, source: Any, value: str, seconds: float | None
) -> None:
    """Both forms are understood; a date counts from the service's clock."""
    assert refused(fetcher, source(site.gives("/f", status=429, Retry_After=value))).retry_after == seconds


class TestRedirects:
    def test_they_are_followed(self, fetcher: Fetcher, site: Any, source: Any) -> None:
        """Relative and absolute, and the end is known."""
        site.gives("/a", status=301, Location="/b")
        site.gives("/b", status=302, Location=f"{site.url}/c")
        site.gives("/c", FEED)
        fetched = fetcher.get(source(f"{site.url}/a"))
        assert (fetched.body, fetched.url) == (FEED, f"{site.url}/c")

    def test_a_loop_ends(self, fetcher: Fetcher, site: Any, source: Any) -> None:
        """Three redirects are enough."""
        site.gives("/a", status=302, Location="/a")
        assert "more than 3 times" in str(refused(fetcher, source(f"{site.url}/a")))
        assert len(site.asked) == 4

    def test_the_body_of_a_redirect_is_not_read(self, fetcher: Fetcher, site: Any, source: Any) -> None:
        """A bomb beside a Location does no harm."""
        site.gives("/a", gzip.compress(b"\0" * 20 * MB), status=302, Location="/b", Content_Encoding="gzip")
        site.gives("/b", FEED)
        assert fetcher.get(source(f"{site.url}/a")).body == FEED

    def test_another_host_gets_no_key(self, clock: VirtualClock, site: Any, source: Any) -> None:
        """The source's own headers stay with its own host."""
        fetcher = Fetcher(clock, resolve=lambda _host, _port: ["127.0.0.1"])
        port = site.url.rsplit(":", 1)[1]
        site.gives("/a", status=302, Location=f"http://elsewhere.example:{port}/b")
        site.gives("/b", FEED)
        fetcher.get(source(f"http://here.example:{port}/a", options={"headers": {"X-Key": "k", "Authorization": "t"}}))
        assert [headers.get("x-key") for _, headers in site.asked] == ["k", None]
        assert [headers.get("authorization") for _, headers in site.asked] == ["t", None]

    @pytest.mark.parametrize("to", ["ftp://x.example/", "javascript:alert(1)", "http://[::1", "file:///etc/passwd"])
    def test_to_no_web_address_is_said(self, fetcher: Fetcher, site: Any, source: Any, to: str) -> None:
        """No other scheme is tried."""
        site.gives("/a", status=302, Location=to)
        assert "sends Tocsin on to something" in str(refused(fetcher, source(f"{site.url}/a")))

    def test_into_the_private_network_is_refused(self, clock: VirtualClock, site: Any, source: Any) -> None:
        """A public host cannot send Tocsin to the metadata service: the connection itself is checked."""
        asked = []

        def resolve(host: str, _port: int) -> list[str]:
            asked.append(host)
            return [host]

        site.gives("/a", status=302, Location="http://169.254.169.254/latest/meta-data/")
        public = _reaching(clock, site, resolve)
        error = refused(public, source(f"http://93.184.216.34:{_port(site)}/a", allow_private=False))
        assert "169.254.169.254, a private address" in str(error)
        assert "allow_private: true" in str(error)


def _port(site: Any) -> int:
    return int(site.url.rsplit(":", 1)[1])


def _reaching(clock: VirtualClock, site: Any, resolve: Any) -> Fetcher:
    """A fetcher for which the documentation's public address is the loopback site."""
    import httpcore

    class Detour(httpcore.SyncBackend):
        def connect_tcp(self, host: str, port: int, *rest: Any, **how: Any) -> httpcore.NetworkStream:
            return super().connect_tcp("127.0.0.1" if host == "93.184.216.34" else host, port, *rest, **how)

    return Fetcher(clock, resolve=resolve, wire=Detour())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "10.1.2.3",
    ],
)
def test_private_addresses_are_refused_in_every_notation(fetcher: Fetcher, site: Any, source: Any, host: str) -> None:
    """Whatever the url calls it, the address is checked."""
    error = refused(fetcher, source(f"http://{host}:{_port(site)}/f", allow_private=False))
    assert "a private address, which Tocsin refuses" in str(error)
    assert not site.asked


def test_a_name_is_resolved_once(clock: VirtualClock, site: Any, source: Any) -> None:
    """A name that turns private after the check gets no second look-up to be believed in."""
    answers = iter([["127.0.0.1"], AssertionError("resolved twice")])
    fetcher = Fetcher(clock, resolve=lambda _host, _port: next(answers))  # type: ignore[arg-type,return-value]
    assert fetcher.get(source(f"http://feed.example:{_port(site)}/f".replace("/f", site_path(site)))).body == FEED


def site_path(site: Any) -> str:
    site.gives("/f", FEED)
    return "/f"


def test_one_request_at_a_time_goes_to_a_host(fetcher: Fetcher, site: Any, source: Any) -> None:
    """Four threads that want the same host wait for each other."""
    running, most, guard = [0], [0], threading.Lock()

    def count(handler: BaseHTTPRequestHandler) -> None:
        with guard:
            running[0] += 1
            most[0] = max(most[0], running[0])
        site.closing.wait(0.03)
        with guard:
            running[0] -= 1
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(FEED)

    url = site.does("/f", count)
    threads = [threading.Thread(target=fetcher.get, args=(source(url),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most[0], len(site.asked)) == (1, 4)


def test_no_sentence_shows_a_key(fetcher: Fetcher, site: Any, source: Any) -> None:
    """Keys live in paths, queries and log-ins; sentences name the host alone."""
    url = site.gives("/secret", status=500).replace("http://", "http://user:secret@") + "?token=secret"
    assert "secret" not in str(refused(fetcher, source(url)))
    assert place_of(url) == host_of(url) + f":{_port(site)}"
