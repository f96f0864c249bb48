"""Twilio is understood as its own SDK signs, and as the cases say."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from cases.providers.runner import MT_ID, cases, play, play_send, request, stretched, text
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from bot.core.errors import BadSignature, Misconfigured, Rejected
from bot.core.messages import Purpose
from bot.providers.contract import Answer
from bot.providers.twilio import Twilio, TwilioConfig

TOKENS = ("first-auth-token-of-the-account", "second-auth-token-of-the-account")
LOGIN = "Basic QUMwMTIzOmZpcnN0LWF1dGgtdG9rZW4tb2YtdGhlLWFjY291bnQ="
PUBLIC = "https://sms.example.org"
CONFIG = TwilioConfig(account_sid="AC0123", auth_tokens=TOKENS, public_url=PUBLIC)
SECRETS = (*TOKENS, LOGIN.removeprefix("Basic "))


def twilio(session=None, **more):
    return Twilio(replace(CONFIG, **more), session)


def arriving(case, headers=()):
    """Make the request of a case."""
    case = {"path": "/webhooks/twilio/mo", "form": "", **stretched(case)}
    method = case.get("method", "POST")
    body = b"" if method == "GET" else case["form"].encode()
    return request(method=method, public=case.get("public", PUBLIC), path=case["path"], headers=headers, body=body)


def signature(case):
    """Let the SDK sign what the case says was signed."""
    signed = {"public": PUBLIC, "path": "/webhooks/twilio/mo", "form": "", "token": TOKENS[0]}
    signed |= {name: case[name] for name in ("public", "path", "form") if name in case} | case.get("signed", {})
    url = signed.get("url", signed["public"] + signed["path"])
    fields = MultiDict(parse_qsl(signed["form"], keep_blank_values=True))
    return RequestValidator(signed["token"]).compute_signature(url, fields)


@pytest.mark.parametrize("case", cases("twilio", "verify"))
def test_only_what_twilio_signed_is_let_in(case):
    right = signature(case)
    given = [
        value.format(right=right, half=right[: len(right) // 2], lower=right.lower())
        for value in case.get("signature", ["{right}"])
    ]
    headers = [*case.get("headers", {}).items(), *(("X-Twilio-Signature", value) for value in given)]

    play(case, lambda: twilio().verify(arriving(case, headers)), SECRETS)


def let_in_by_the_sdk(case):
    """The SDK knows one token, and mangles an address of six parts."""
    return "error" not in case and not {"token", "url"} & set(case.get("signed", {}))


@pytest.mark.parametrize("case", [each for each in cases("twilio", "verify") if let_in_by_the_sdk(each.values[0])])
def test_what_we_let_in_the_sdk_lets_in(case):
    got = arriving(case)
    fields = MultiDict(parse_qsl(got.body.decode(), keep_blank_values=True))

    assert RequestValidator(TOKENS[0]).validate(got.url, fields, signature(case))


@pytest.mark.parametrize("case", cases("twilio", "mo"))
def test_a_message_is_read_whole_or_refused_by_field(case):
    play(case, lambda: twilio().parse_mo(arriving(case)), SECRETS)


@pytest.mark.parametrize("case", cases("twilio", "dlr"))
def test_a_report_is_read_whole_or_refused_by_field(case):
    play(case, lambda: twilio().parse_dlr(arriving({"path": "/webhooks/twilio/dlr", **case})), SECRETS)


@pytest.mark.parametrize("case", cases("twilio", "send"))
async def test_an_answer_of_twilio_means_one_thing(case):
    case = {**case, "mt": {name: Purpose(value) for name, value in case.get("mt", {}).items()}}
    form = {"To": "+33612345678", "Body": "Ça va ? 🙏 a&b=c", "From": "+33644600000", "StatusCallback": callback()}
    wanted = ("POST", "/2010-04-01/Accounts/AC0123/Messages.json", LOGIN, "application/x-www-form-urlencoded")

    def make(url, session):
        return twilio(session, api_url=url)

    await play_send(case, make, SECRETS, [(*wanted, urlencode({**form, **case.get("form", {})}))])


async def test_a_messaging_service_sends_in_place_of_the_number():
    case = {"answer": {"status": 201, "body": '{"sid":"SM1"}'}, "expect": {"ref": "SM1"}}
    form = {
        "To": "+33612345678",
        "Body": "Ça va ? 🙏 a&b=c",
        "MessagingServiceSid": "MG1",
        "StatusCallback": callback(),
    }
    wanted = ("POST", "/2010-04-01/Accounts/AC0123/Messages.json", LOGIN, "application/x-www-form-urlencoded")

    def make(url, session):
        return twilio(session, api_url=url, messaging_service_sid="MG1")

    await play_send(case, make, SECRETS, [(*wanted, urlencode(form))])


def test_a_report_names_our_text_before_the_send_has_returned():
    path = callback().removeprefix(PUBLIC)
    (report,) = twilio().parse_dlr(arriving({"path": path, "form": "MessageSid=SM1&MessageStatus=queued"}))

    assert report.id == MT_ID


async def test_without_a_token_nobody_is_let_in_and_nothing_leaves():
    closed = Twilio(TwilioConfig(), None)
    right = RequestValidator("").compute_signature(PUBLIC + "/webhooks/twilio/mo", {})

    with pytest.raises(BadSignature):
        closed.verify(arriving({}, [("X-Twilio-Signature", right)]))
    assert closed.missing == ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_URL")
    with pytest.raises(Misconfigured):
        await closed.send(text())


async def test_half_a_character_is_refused_before_it_leaves():
    with pytest.raises(Rejected):
        await twilio().send(text(text="\ud83d"))


def test_the_answer_is_empty_twiml_for_a_duplicate_too():
    twiml = Answer(b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")

    assert [twiml, twiml] == [twilio().ack({"twilio:SM1": False}), twilio().ack({"twilio:SM1": True})]


def callback():
    return f"{PUBLIC}/webhooks/twilio/dlr?mt={MT_ID}"
