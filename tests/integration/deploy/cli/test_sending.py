"""Batches sent to a real server that is busy, away, or not what it should be."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from deploy.cli import sending
from deploy.cli.lines import Batch, Line
from deploy.cli.sending import Sender, SendingError, await_settled
from shared.runtime.clock import monotonic

ACCEPTED = (202, {}, {"accepted": 1, "duplicate": 0, "refused": []})


@contextmanager
def answering(*answers):
    """A server that gives these answers in turn, the last for ever; yields its address and the bodies it got."""
    left, bodies = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer()

        def do_GET(self):
            self._answer()

        def _answer(self):
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            text = json.dumps(body).encode()
            for name, value in (headers | {"Content-Length": str(len(text))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", bodies
        finally:
            server.shutdown()
            thread.join()


def batch(*texts):
    return Batch("referrals", [Line(number, text) for number, text in enumerate(texts, 1)])


async def send(url, *batches, said=None, refused=None):
    sender = Sender(
        {"referrals": url}, "k", ([] if refused is None else refused).append, ([] if said is None else said).append
    )
    return await sender.send(iter(batches))


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_service_is_asked_again_when_it_said_and_nothing_is_lost(status):
    said, began = [], monotonic()
    with answering((status, {"Retry-After": "2"}, {"detail": "not now"}), ACCEPTED) as (url, bodies):
        tally = await send(url, batch(b"{}"), said=said)
    assert tally.accepted == 1
    assert bodies == [b"{}", b"{}"]
    assert monotonic() - began >= 2.0
    assert said == [f"referrals asks to wait ({status}: not now); trying again"]


async def test_batches_of_a_service_arrive_in_order():
    with answering(ACCEPTED) as (url, bodies):
        tally = await send(url, *[batch(b"%d" % number) for number in range(20)])
    assert bodies == [b"%d" % number for number in range(20)]
    assert tally.accepted == 20


async def test_a_refusal_finds_its_line_again():
    refused = []
    answer = {"accepted": 1, "duplicate": 0, "refused": [{"index": 1, "id": None, "reason": "not_json", "detail": "d"}]}
    with answering((202, {}, answer)) as (url, _):
        tally = await send(url, batch(b"a", b"b"), refused=refused)
    assert [(one.line.number, one.line.text, one.reason) for one in refused] == [(2, b"b", "not_json")]
    assert (tally.accepted, tally.refused) == (1, {"not_json": 1})


async def test_a_service_that_stays_away_ends_the_import_with_advice(monkeypatch):
    monkeypatch.setattr(sending, "UNREACHABLE_PATIENCE", 0.5)
    with pytest.raises(SendingError, match=r"does not answer at .*run the same import again"):
        await send("http://127.0.0.1:9", batch(b"{}"))


async def test_an_unknown_key_ends_the_import_at_once():
    with (
        answering((401, {}, {"detail": "this key is not known"})) as (url, bodies),
        pytest.raises(SendingError, match="answered 401: this key is not known"),
    ):
        await send(url, *[batch(b"{}")] * 9)
    assert len(bodies) == 1


async def test_an_answer_for_fewer_events_than_were_sent_is_no_answer():
    with answering(ACCEPTED) as (url, _), pytest.raises(SendingError, match="answered for 1 of 2 events"):
        await send(url, batch(b"a", b"b"))


async def test_waiting_ends_when_the_figures_are_settled():
    lags = []
    unsettled = (200, {}, {"settled": False, "lag_events": 7})
    with answering((503, {}, {}), unsettled, (200, {}, {"settled": True, "lag_events": 0})) as (url, _):
        await await_settled(url, 5.0, lags.append)
    assert lags == [7, 0]


async def test_waiting_for_figures_that_never_settle_is_given_up():
    with answering((200, {}, {"settled": False})) as (url, _), pytest.raises(SendingError, match="not all of it"):
        await await_settled(url, 0.3, lambda _: None)
