"""Moving a person through a flow, and what its symbols mean on the draft.

A flow says "ask_confirm", "note that she opted in", "ring in 48 hours"; here that becomes a text in her language, a
ledger row with the words she was shown, and a timer's row.
"""

from __future__ import annotations

from bot.core.effects import DropWake, DropWakes, Note, Say, SetWake, Symbol, WakeIn
from bot.core.errors import FlowChanged
from bot.core.ledger import Event
from bot.core.messages import MT, Purpose
from bot.core.render import ask
from bot.core.state import PENDING, STRANGER, SUBSCRIBED, UNSUBSCRIBED, OpenSurvey, Subscription
from bot.core.values import replace
from bot.draft import ASKS_PER_DAY, Draft
from flows import Step, SubscriptionFacts, SurveyFacts, step
from flows import Subscription as SubscriptionFlow
from flows import Survey as SurveyFlow


def move(draft: Draft, program: str, event: str) -> None:
    """Take her place in a program through an event, and do what the flow says."""
    place = draft.subscription(program)
    place, taken = _step(draft, place, event)
    draft.trace.before.setdefault(program, place.state)
    draft.trace.after[program] = taken.state
    if taken.state != place.state:
        _enter(draft, place, taken.state)
    spoken: MT | None = None
    for symbol in taken.effects:
        spoken = _carry_out(draft, symbol, program, place, spoken)
    if event in ("join", "start") and not taken.effects:
        draft.trace.notes.append(f"silent: asked {ASKS_PER_DAY} times in 24 hours, or too many messages")


def answer(draft: Draft, survey: OpenSurvey, key: str, text: str) -> None:
    """Keep her answer to the open question (`key`, or her own words where it is ""), and go on."""
    questions = draft.catalog.surveys[survey.survey].steps
    more = survey.step + 1 < len(questions)
    taken = step(SurveyFlow, "asking", "answer", SurveyFacts(more=more, reason=survey.reason))
    following = replace(survey, step=survey.step + 1, at=draft.now) if more else None
    draft.talk = replace(draft.talk, survey=following)
    for symbol in taken.effects:
        match symbol:
            case Note(event):
                draft.note(event, survey.program or survey.survey, detail=key or text)
            case Say("question") if following:
                put_question(draft, following)
            case Say(name) if _wants(draft, name, survey.program):
                draft.say(name, survey.program)


def open_poll(draft: Draft, survey: str) -> None:
    """Put a poll's first question; one that the loop guard keeps back is not open."""
    poll = OpenSurvey(survey, None, draft.now, reason=False)
    if put_question(draft, poll):
        draft.talk = replace(draft.talk, survey=poll)


def put_question(draft: Draft, survey: OpenSurvey) -> MT | None:
    """Send a survey's question with its numbered answers; None if the loop guard keeps us quiet."""
    language = draft.language(survey.program)
    said = ask(draft.catalog, survey.survey, survey.step, language, number=draft.number, fields=draft.person.fields)
    return draft.send(said, "question", survey.program)


def _step(draft: Draft, place: Subscription, event: str) -> tuple[Subscription, Step]:
    facts = _facts(draft, place)
    try:
        return place, step(SubscriptionFlow, place.state, event, facts)
    except FlowChanged as changed:
        draft.trace.notes.append(f"{changed}: started over")
        place = draft.subscriptions[place.program] = replace(place, state=STRANGER)
        return place, step(SubscriptionFlow, STRANGER, event, facts)


def _facts(draft: Draft, place: Subscription) -> SubscriptionFacts:
    program = draft.catalog.programs.get(place.program)
    facts = SubscriptionFacts(
        confirmed=place.confirmed,
        left=place.left_at is not None,
        may_ask=len(draft.asks) < ASKS_PER_DAY and not draft.too_many_texts(),
    )
    if program is None:  # the file has dropped it, and a STOP or a timer still finds it
        return facts
    return replace(
        facts,
        double=program.opt_in == "double",
        confirm_within=program.confirm_within,
        remind_after=program.remind_after,
    )


def _enter(draft: Draft, place: Subscription, state: str) -> None:
    draft.subscriptions[place.program] = replace(place, state=state, since=draft.now)
    survey = draft.talk.survey
    if place.state == UNSUBSCRIBED and survey and survey.reason and survey.program == place.program:
        draft.talk = replace(draft.talk, survey=None)  # she is coming back: why she left is no longer asked


def _carry_out(draft: Draft, symbol: Symbol, program: str, was: Subscription, spoken: MT | None) -> MT | None:
    """Do one symbol; return the last text said, which the ledger rows after it cite."""
    match symbol:
        case Say(name):
            purpose = Purpose.REMINDER if name == "reminder" else Purpose.REPLY
            return draft.say(name, program, purpose=purpose)
        case Note(event):
            _note(draft, event, program, was, spoken)
        case WakeIn(kind, delay):
            draft.effects.append(SetWake(program, kind, draft.number, draft.now + delay))
        case DropWakes():
            draft.effects.append(DropWake(program))
    return spoken


def _note(draft: Draft, event: Event, program: str, was: Subscription, spoken: MT | None) -> None:
    """Write a subscription's event into the ledger and keep on the place what later turns rest on."""
    place = draft.subscription(program)
    shown, mt = (spoken.text, spoken.id) if spoken else (None, None)
    match event:
        case Event.ASKED:
            draft.asks = (*draft.asks, draft.now)
            draft.suppressed_at = None  # after a STOP ALL only her own asking leads to a question
            place = replace(place, number=draft.number, asked_at=draft.now, shown=shown or "", asked_mt=mt or "")
        case Event.OPTED_IN:
            if was.state == PENDING:  # her YES answers the question, so that is what she was shown
                shown, mt = was.shown, was.asked_mt
            place = replace(place, number=draft.number, confirmed=True, left_at=None, left_on="")
            draft.suppressed_at, draft.hold = None, False
        case Event.OPTED_OUT | Event.CARRIER_BLOCKED:
            ended = was.state in (PENDING, SUBSCRIBED)
            place = replace(place, left_at=draft.now, left_on=draft.number if ended else "")
            shown, mt = None, None
        case Event.DECLINED | Event.EXPIRED:
            shown, mt = was.shown, was.asked_mt
    draft.subscriptions[program] = place
    draft.note(event, program, shown=shown or None, mt=mt or None)


def _wants(draft: Draft, name: str, program: str | None) -> bool:
    """Tell whether the file asks for a text that is not sent by default (thanks)."""
    settings = draft.catalog.programs.get(program) if program else None
    return name in (settings.texts if settings else ()) or name in draft.catalog.texts
