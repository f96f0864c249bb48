"""What holds for every provider in the registry, those of tomorrow too."""

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import orjson
import pytest
from aiohttp import ClientSession
from cases.providers.runner import assert_no_secret, request, text
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import BadSignature, SendError, WebhookError
from bot.core.messages import DLR, MO
from bot.core.options import Option, options_of, secret_values
from bot.providers import REGISTRY, build_providers, connected
from bot.providers.contract import Sent, webhook_path

NAMES = sorted(REGISTRY)
REAL = [name for name in NAMES if name != "simulator"]
CASES = Path(__file__).parent / "cases" / "providers"


# Bodies that look like a webhook's, with anything at all in their fields.
ANYTHING = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.lists(st.integers(0, 9))
FIELD = st.sampled_from(
    ["id", "from", "to", "text", "at", "ref", "status", "error", "MessageSid", "From", "To", "Body", "MessageStatus"]
)
FIELDS = st.dictionaries(FIELD, ANYTHING | st.sampled_from(["+33612345678", "sent", "2026-11-24T10:00:00Z"]))


def filled(name):
    """Make a config in which everything is set, and nothing leads out of this machine."""
    config = REGISTRY[name][0]()
    values = {}
    for field, option in options_of(config):
        is_url = option.kind.name == "URL"
        raw = "http://127.0.0.1:1" if is_url else f"set-{option.name}-0123456789"
        values[field] = option.kind.read(raw)
    return replace(config, **values)


def made(name, config=None, session=None):
    return REGISTRY[name][1](REGISTRY[name][0]() if config is None else config, session)


def test_providers_are_built_under_their_names():
    built = build_providers({name: config() for name, (config, _) in REGISTRY.items()}, None)

    assert {name: name for name in NAMES} == {name: each.name for name, each in built.items()}


def test_only_what_reaches_handsets_and_lacks_nothing_is_connected():
    nothing = build_providers({name: made_of() for name, (made_of, _) in REGISTRY.items()}, None)
    everything = build_providers({name: filled(name) for name in NAMES}, None)

    assert connected(nothing) == ()
    assert sorted(connected(everything)) == REAL


@pytest.mark.parametrize("name", NAMES)
def test_a_config_is_frozen_and_made_of_options(name):
    config = REGISTRY[name][0]

    assert is_dataclass(config)
    assert config.__dataclass_params__.frozen
    assert all(isinstance(field.metadata.get("option"), Option) for field in fields(config))


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_shows_in_a_repr(name):
    config = filled(name)
    shown = f"{config!r} {made(name, config)!r}"

    assert not [secret for secret in secret_values(config) if secret in shown]


@pytest.mark.parametrize("name", REAL)
def test_what_is_missing_is_what_is_required(name):
    required = tuple(option.name for _, option in options_of(REGISTRY[name][0]) if option.required)

    assert required
    assert required == made(name).missing
    assert made(name, filled(name)).missing == ()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("is_set", [True, False])
def test_a_call_that_proves_nothing_is_refused(name, method, is_set):
    provider = made(name, filled(name) if is_set else None)

    with pytest.raises(BadSignature):
        provider.verify(request(method=method, path=webhook_path(name, "mo")))


@pytest.mark.parametrize("name", NAMES)
@given(
    body=st.binary() | FIELDS.map(orjson.dumps) | FIELDS.map(lambda each: urlencode(each).encode()),
    query=st.text(st.characters(codec="utf-8"), max_size=50),
    header=st.text(st.characters(exclude_categories=["Cc"]), max_size=50),
    method=st.sampled_from(["GET", "POST"]),
)
def test_whatever_comes_in_a_provider_raises_webhook_errors_only(name, body, query, header, method):
    config = filled(name)
    provider = made(name, config)
    headers = {"Authorization": header, "X-Twilio-Signature": header}
    got = request(method=method, path=f"{webhook_path(name, 'mo')}?{query}", headers=headers, body=body)

    for verb, kind in ((provider.verify, type(None)), (provider.parse_mo, MO), (provider.parse_dlr, DLR)):
        try:
            assert all(isinstance(each, kind) for each in verb(got) or ())
        except WebhookError as error:
            assert_no_secret(error, secret_values(config))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("words", ["", "x" * 5000, "\0", "\ud83d", "🙏\n"])
async def test_whatever_goes_out_a_provider_raises_send_errors_only(name, words):
    config = filled(name)
    async with ClientSession() as session:
        try:
            assert isinstance(await made(name, config, session).send(text(text=words)), Sent)
        except SendError as error:
            assert_no_secret(error, secret_values(config))


@pytest.mark.parametrize("name", REAL)
async def test_without_its_settings_a_provider_sends_nothing(name):
    provider = made(name)

    assert provider.can_send is False
    with pytest.raises(SendError) as caught:
        await provider.send(text())
    assert caught.value.alert


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("duplicates", [{}, {"x:1": False}, {"x:1": True}])
def test_the_answer_is_a_plain_200(name, duplicates):
    assert made(name, filled(name)).ack(duplicates).status == 200


@pytest.mark.parametrize("name", REAL)
def test_every_provider_has_its_cases(name):
    assert (CASES / f"{name}.yaml").is_file()


async def test_the_simulator_takes_every_text_and_names_it():
    assert await made("simulator").send(text()) == Sent("simulator-0123456789abc0123456789a")
