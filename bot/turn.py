"""READ FIRST. One message in, one turn out: who wins when a text could mean several things is decided here.

`take_turn` is pure, synchronous and total. The order, and nothing may come before it:

1. the provider's own opt-out flag (OptOutType and its like)
2. STOP, STOP ALL
3. HELP
4. the open question: YES or NO to a double opt-in, an answer to a survey
5. START
6. a keyword of this number
7. unknown

`understand` returns one intent by that order; a handler below answers it. Timers and the carrier's notices take the
same path (`take_wake`, `take_block`), so that there is one place where consent changes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from bot.core.catalog import Catalog
from bot.core.effects import WakeKind
from bot.core.messages import MO, Flag, Purpose
from bot.core.state import PENDING, SUBSCRIBED, UNSUBSCRIBED, OpenSurvey, Snapshot
from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN, Choice, Intent, Question, Understanding
from bot.core.values import replace
from bot.draft import DAY, Cause, Draft, Turn
from bot.moves import answer, move, open_poll
from bot.scope import about, ended_last, ends_everywhere, ends_here, in_here

heard = lru_cache(maxsize=8192)(understand)
"""What a text means is a function of the text, the number's words and the open question, and most texts are a few
words that everybody sends: it is remembered."""

SURVEY_OPEN_FOR = timedelta(days=7)
"""A late answer still counts, for this long."""

FLAGS = {Flag.STOP: Intent.STOP, Flag.START: Intent.START, Flag.HELP: Intent.HELP}

# What her own words may still say within the provider's flag: STOP ALL is a STOP, and a START for the provider is
# our YES (answers an open question, and is chat where there is none) or the keyword that tells what she joins.
READINGS = {
    Flag.STOP: (Intent.STOP_ALL,),
    Flag.START: (Intent.CONFIRM, Intent.KEYWORD),
    Flag.HELP: (),
}


def take_turn(mo: MO, snapshot: Snapshot, catalog: Catalog, now: datetime) -> Turn:
    """Answer one message: the person afterwards, what is to be done, and why."""
    draft = Draft(snapshot, catalog, mo.number, now, Cause("mo", mo.ref, "keyword", mo.ref))
    seen = _understand(mo, draft)
    draft.trace.understood(seen)
    draft.hear(seen.language)
    HANDLERS[seen.intent](draft, seen, mo)
    return draft.finish()


def take_wake(program: str, kind: WakeKind, number: str, snapshot: Snapshot, catalog: Catalog, now: datetime) -> Turn:
    """Answer a timer. One that rings late, after she has answered, changes nothing."""
    draft = Draft(snapshot, catalog, number, now, Cause("wake", f"{snapshot.msisdn}|{program}|{kind}", "timer"))
    draft.trace.rule = f"timer: {kind} {program}"
    silent = kind is WakeKind.REMIND and (draft.hold or program not in catalog.programs)
    if not silent:
        move(draft, program, str(kind))
    return draft.finish()


def take_block(number: str, why: str, snapshot: Snapshot, catalog: Catalog, now: datetime) -> Turn:
    """Obey a carrier or provider that says she has opted out of `number`; nothing can be said to her there."""
    draft = Draft(snapshot, catalog, number, now, Cause("provider", f"{snapshot.msisdn}|{number}|block", "provider"))
    draft.trace.rule = f"provider: {why}"
    ends = ends_here(draft)
    for program in ends:
        move(draft, program, "block")
    draft.cancel_queued(ends, number=number)
    return draft.finish()


def take_opt_out(number: str, cause: Cause, snapshot: Snapshot, catalog: Catalog, now: datetime) -> Turn:
    """Apply the bare opt-out, without a word to her: asked for on another way, or because a STOP's turn failed."""
    draft = Draft(snapshot, catalog, number, now, cause)
    draft.trace.rule = f"opt-out: {cause.source}"
    ends = ends_here(draft)
    for program in ends:
        move(draft, program, "stop")
    draft.cancel_queued(ends, number=number)
    return draft.finish()


def take_read(number: str, snapshot: Snapshot, catalog: Catalog, now: datetime) -> Turn:
    """A person has read what nobody understood: what was held back because of it may go again."""
    draft = Draft(snapshot, catalog, number, now, Cause("console", f"{snapshot.msisdn}|read", "console"))
    draft.trace.rule = "console: read by a person"
    draft.hold = False
    return draft.finish()


# ---- what she means ---------------------------------------------------------------------------------------


def _understand(mo: MO, draft: Draft) -> Understanding:
    """Trust the provider's flag over our own reading; else read the text with what is open here."""
    if mo.number not in draft.catalog.numbers:
        vocabulary = draft.catalog.vocabulary(None)
        return heard(mo.text, vocabulary, NOTHING_OPEN)
    seen = heard(mo.text, draft.catalog.vocabulary(mo.number), _question(draft))
    if mo.flag is None:
        return seen
    intent = FLAGS[mo.flag]
    if seen.intent in READINGS[mo.flag]:
        intent = seen.intent
    # A provider blocks the whole number, also where her words were narrower ("STOP CLUB").
    return replace(seen, intent=intent, rule=f"provider: {mo.flag}", confidence=1.0, maybe=None, program=None)


def _question(draft: Draft) -> Question:
    """Tell what is open in this conversation."""
    survey = _open_survey(draft)
    choices: tuple[Choice, ...] = ()
    free_text = False
    if survey:
        asked = draft.catalog.surveys[survey.survey].steps[survey.step]
        choices, free_text = asked.choices, asked.free_text
    return Question(draft.asked_last() is not None, choices, free_text)


def _open_survey(draft: Draft) -> OpenSurvey | None:
    """Return the open survey, unless its time is over or the file no longer has it."""
    survey = draft.talk.survey
    if survey is None or draft.now - survey.at > SURVEY_OPEN_FOR:
        return None
    known = draft.catalog.surveys.get(survey.survey)
    return survey if known and survey.step < len(known.steps) else None


# ---- what each intent does --------------------------------------------------------------------------------


def _stop(draft: Draft, seen: Understanding, mo: MO) -> None:
    """STOP, or "STOP CLUB": out of the number's programs (or that one), with one farewell."""
    if seen.program:
        draft.cancel_queued((seen.program,))
        _leave(draft, (seen.program,), mo, only=seen.program)
    elif draft.catalog.stop_scope == "all":
        draft.cancel_queued((), everything=True)
        _leave(draft, ends_everywhere(draft), mo)
    else:
        ends = ends_here(draft)
        draft.cancel_queued(ends, number=draft.number)
        _leave(draft, ends, mo)


def _stop_all(draft: Draft, seen: Understanding, mo: MO) -> None:
    """STOP ALL: out of everything this server has, and suppressed until she asks to come back."""
    draft.suppressed_at = draft.now
    draft.cancel_queued((), everything=True)
    _leave(draft, ends_everywhere(draft), mo)


def _leave(draft: Draft, programs: tuple[str, ...], mo: MO, only: str | None = None) -> None:
    ended = [p for p in programs if draft.subscription(p).state in (PENDING, SUBSCRIBED)]
    was_out = all(draft.subscription(p).state == UNSUBSCRIBED for p in programs)
    for program in programs:
        move(draft, program, "stop")
    draft.hold = False
    if draft.talk.survey and not draft.talk.survey.reason:
        draft.talk = replace(draft.talk, survey=None)
    _bid_farewell(draft, mo, ended, only, was_out)


def _bid_farewell(draft: Draft, mo: MO, ended: list[str], only: str | None, was_out: bool) -> None:
    """Say farewell once: with the reason question where a program ended, in 24 hours once where none did."""
    if mo.flag is Flag.STOP or not _we_answer_stop(draft):
        draft.trace.notes.append("silent: the provider answers STOP on this number")
        return
    last = draft.talk.farewell_at
    if was_out and last is not None and draft.now - last < DAY:
        draft.trace.notes.append("silent: she has had her farewell within 24 hours")
        return
    known = [p for p in ended if p in draft.catalog.programs]
    about = known[0] if known else only or next(iter(draft.programs_here), None)
    survey_of = next((p for p in known if draft.catalog.programs[p].survey), None)
    survey = draft.catalog.programs[survey_of].survey if survey_of else None
    stays = only is not None and any(draft.state_of(p) in (PENDING, SUBSCRIBED) for p in draft.programs_here)
    key = "farewell_one" if stays else "farewell"
    if draft.say(key, about, survey=survey, purpose=Purpose.FAREWELL) is None:
        return
    draft.talk = replace(draft.talk, farewell_at=draft.now)
    if survey:
        draft.open_survey(survey, survey_of, reason=True)


def _we_answer_stop(draft: Draft) -> bool:
    number = draft.catalog.numbers.get(draft.number)
    return number is None or number.opt_out_replies == "us"


def _help(draft: Draft, seen: Understanding, mo: MO) -> None:
    """HELP always answers; only where the provider has answered already do we stay silent."""
    if mo.flag is Flag.HELP:
        draft.trace.notes.append("silent: the provider has answered HELP")
        return
    draft.say("help", about(draft))


def _confirm(draft: Draft, seen: Understanding, mo: MO) -> None:
    """YES: to the question asked last; from a subscriber it changes nothing; else it is chat."""
    asked = draft.asked_last()
    mine = [p for p in draft.programs_here if draft.state_of(p) == SUBSCRIBED]
    if asked:
        move(draft, asked, "confirm")
    elif _open_survey(draft):
        _unknown(draft, seen, mo)
    elif mine:
        move(draft, mine[0], "confirm")
    else:
        _unknown(draft, seen, mo)


def _decline(draft: Draft, seen: Understanding, mo: MO) -> None:
    """NO: to the question asked last; else it is chat."""
    asked = draft.asked_last()
    if asked:
        move(draft, asked, "decline")
        if seen.maybe:
            draft.keep_for_person(str(seen.maybe))
    else:
        _unknown(draft, seen, mo)


def _answer(draft: Draft, seen: Understanding, mo: MO) -> None:
    """An answer to the open survey, however late within its time."""
    survey = _open_survey(draft)
    if survey:
        answer(draft, survey, seen.answer or "", mo.text)
    else:
        _unknown(draft, seen, mo)


def _start(draft: Draft, seen: Understanding, mo: MO) -> None:
    """START: yes to an open question, else back to what the last STOP here ended, else into the only program."""
    asked = draft.asked_last()
    returning = [asked] if asked else ended_last(draft)
    mine = [p for p in draft.programs_here if draft.state_of(p) == SUBSCRIBED]
    if not returning:
        returning = mine[:1] or (list(draft.programs_here) if len(draft.programs_here) == 1 else [])
    for program in returning:
        move(draft, program, "start")
    if not returning:
        draft.say("help")


def _keyword(draft: Draft, seen: Understanding, mo: MO) -> None:
    """A keyword of this number: into its program, or its reply."""
    keyword = draft.catalog.keywords_on(draft.number)[seen.keyword or ""]
    draft.trace.keyword = {"keyword": keyword.word, "line": keyword.line}
    if keyword.kind == "program":
        move(draft, keyword.name, "join")
        return
    reply = draft.catalog.replies[keyword.name]
    if reply.survey:
        open_poll(draft, reply.survey)
    else:
        draft.reply(keyword.name)


def _unknown(draft: Draft, seen: Understanding, mo: MO) -> None:
    """Nobody understood: a free-text answer where one is open, else kept for a person and answered once in 24 hours;
    where it might have been a STOP, by one neutral question until someone has looked."""
    survey = _open_survey(draft)
    if survey and draft.catalog.surveys[survey.survey].steps[survey.step].free_text and not seen.maybe:
        answer(draft, survey, "", mo.text)
        return
    asked = draft.hold
    draft.keep_for_person(str(seen.maybe) if seen.maybe else None)
    last = draft.talk.unknown_at
    if last is not None and draft.now - last < DAY:
        draft.trace.notes.append("silent: told within 24 hours that we did not understand")
    elif seen.maybe and asked:
        draft.trace.notes.append("silent: asked already, and a person has yet to look")
    elif draft.say("unclear" if seen.maybe and in_here(draft) else "unknown", about(draft)):
        draft.talk = replace(draft.talk, unknown_at=draft.now)


HANDLERS: dict[Intent, Callable[[Draft, Understanding, MO], None]] = {
    Intent.STOP: _stop,
    Intent.STOP_ALL: _stop_all,
    Intent.HELP: _help,
    Intent.CONFIRM: _confirm,
    Intent.DECLINE: _decline,
    Intent.ANSWER: _answer,
    Intent.START: _start,
    Intent.KEYWORD: _keyword,
    Intent.UNKNOWN: _unknown,
}
