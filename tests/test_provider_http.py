"""The plain provider does what its cases say, and keeps its token to itself."""

import json

import orjson
import pytest
from aiohttp import ClientSession
from cases.providers.runner import MT_ID, assert_no_secret, cases, play, play_send, request, stretched, text

from bot.core.errors import Misconfigured, Rejected
from bot.providers.contract import Answer
from bot.providers.http import Http, HttpConfig

TOKENS = ("first-token-of-the-gateway", "second-token-of-the-gateway")
SEND_URL = "http://127.0.0.1:1/send?key=key-of-the-gateway"
SECRETS = (*TOKENS, "key-of-the-gateway")


def gateway(url=SEND_URL, session=None):
    return Http(HttpConfig(tokens=TOKENS, send_url=url), session)


def body_of(case):
    if "body_hex" in case:
        return bytes.fromhex(case["body_hex"])
    body = case["body"]
    return body.encode() if isinstance(body, str) else orjson.dumps(stretched(body))


@pytest.mark.parametrize("case", cases("http", "verify"))
def test_only_the_bearer_of_the_token_is_let_in(case):
    play(case, lambda: gateway().verify(request(headers=case["headers"])), SECRETS)


@pytest.mark.parametrize("case", cases("http", "mo"))
def test_a_message_is_read_whole_or_refused_by_field(case):
    play(case, lambda: gateway().parse_mo(request(body=body_of(case))), SECRETS)


@pytest.mark.parametrize("case", cases("http", "dlr"))
def test_a_report_is_read_whole_or_refused_by_field(case):
    play(case, lambda: gateway().parse_dlr(request(body=body_of(case))), SECRETS)


@pytest.mark.parametrize("case", cases("http", "send"))
async def test_an_answer_of_the_gateway_means_one_thing(case):
    sent = {"id": MT_ID, "from": "+33644600000", "to": "+33612345678", "text": "Ça va ? 🙏 a&b=c"}
    wanted = ("POST", "/send?key=key-of-the-gateway", f"Bearer {TOKENS[0]}", "application/json")
    body = json.dumps(sent, separators=(",", ":"), ensure_ascii=False)

    def make(url, session):
        return gateway(f"{url}/send?key=key-of-the-gateway", session)

    await play_send(case, make, SECRETS, [(*wanted, body)])


async def test_a_gateway_that_is_not_there_is_tried_again():
    async with ClientSession() as session:
        with pytest.raises(Exception, match="could not be reached") as caught:
            await gateway("http://127.0.0.1:1/?key=key-of-the-gateway", session).send(text())

    assert caught.value.retry
    assert_no_secret(caught.value, SECRETS)


async def test_without_a_token_nobody_is_let_in_and_nothing_leaves():
    closed = Http(HttpConfig(send_url="http://127.0.0.1:1/"), None)

    play(
        {"error": "BadSignature 403: the Authorization header does not hold the bearer token"},
        lambda: closed.verify(request(headers={"Authorization": "Bearer "})),
        (),
    )
    assert closed.missing == ("HTTP_TOKEN",)
    with pytest.raises(Misconfigured):
        await closed.send(text())


async def test_a_gateway_may_only_receive():
    provider = gateway("")

    assert provider.missing == ()
    assert provider.can_send is False
    with pytest.raises(Misconfigured, match="HTTP_SEND_URL"):
        await provider.send(text())


async def test_a_url_that_the_client_refuses_is_for_a_person_to_mend():
    async with ClientSession() as session:
        with pytest.raises(Misconfigured) as caught:
            await gateway("http://login:key-of-the-gateway@127.0.0.1:1/", session).send(text())

    assert_no_secret(caught.value, SECRETS)


async def test_half_a_character_is_refused_before_it_leaves():
    with pytest.raises(Rejected):
        await gateway().send(text(text="\ud83d"))


@pytest.mark.parametrize(
    ("duplicates", "status"),
    [({"http:a1": False}, "accepted"), ({"http:a1": True}, "duplicate"), ({}, "accepted")],
)
def test_the_answer_says_whether_the_message_was_new(duplicates, status):
    assert Answer(f'{{"status":"{status}"}}'.encode(), "application/json") == gateway().ack(duplicates)
