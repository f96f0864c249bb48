"""What a text means on a number: the whole message, never a word it contains.

Rule: the order below is the turn's order, and STOP is looked for in every way we know before anything else is:

1. STOP, STOP ALL and HELP, as a word or as a sentence that accounts for every word of the message
2. where the text is no keyword and no answer as it stands: the same with a slip mended, "STOP MARKETING", or one
   sentence among others (`hints.py`)
3. the open question: YES or NO, an answer to a survey
4. START; a keyword, as it stands, with a polite word beside it, or with a slip
5. unknown; where it might have been a STOP, `maybe` says so

`understand` is pure and total. Its work is bounded: only the first `text.LONGEST` characters are read, a grammar walks
them once, and words are mended only where at most two are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.answers import chosen, exact
from bot.core.heard import Heard, hear, without_courtesy
from bot.core.hints import Found, among_others, as_it_stands, mended_reading, scoped, wrong_marks
from bot.core.reading import STOPS
from bot.core.sentences import might_be_stop
from bot.core.tails import has_signature
from bot.core.typos import corrections
from bot.core.understanding import Choice, Intent, Question, Understanding
from bot.core.values import replace
from bot.core.vocabulary import Vocabulary

_SHORTEST_KEYWORD_TYPO = 5
_ENDINGS = (Intent.STOP, Intent.STOP_ALL)


def understand(text: str, vocabulary: Vocabulary, question: Question) -> Understanding:
    """Return what a text means, given what counts on the number and what is open in the conversation."""
    seen = _Listener(hear(text), vocabulary, question).understand()
    if seen.intent in _ENDINGS or not has_signature(text):
        return seen
    # What was cut off as a signature may have been a sentence of hers: a STOP in it must not be lost.
    whole = _Listener(hear(text, signed=True), vocabulary, question).understand()
    if whole.intent in _ENDINGS or (whole.maybe and seen.intent is Intent.UNKNOWN):
        return replace(whole, words=seen.words)
    return seen


@dataclass(slots=True)
class _Listener:
    """One text on its way through the steps; `steps` is what people are told of it."""

    heard: Heard
    vocabulary: Vocabulary
    question: Question
    steps: list[str] = field(default_factory=list)

    def understand(self) -> Understanding:
        """Take the steps in their order."""
        self.steps.append(f"normalised: {self.heard.words}" if self.heard.words else "nothing of her own in it")
        if not self.heard.key:
            return self._unknown("empty", None)
        found = self._find()
        answer = self._ends_or_helps(found) or self._answers(found) or self._begins(found)
        return answer or self._nothing(found)

    # ---- what the text is taken for --------------------------------------------------------------------

    def _find(self) -> Found | None:
        if self.heard.key in self.vocabulary.plain_keywords and self.heard.key not in self.vocabulary.words:
            return None
        found = as_it_stands(self.heard, self.vocabulary, self.question.confirm)
        if found is None:
            self.steps.append("neither a word nor a sentence in which every word has its place")
            found = None if self._is_named() else self._nearly()
        if found and wrong_marks(found, self.heard, self.vocabulary):
            self.steps.append(f"no: {found.step}, but with other marks than were typed")
            found = None
        if found:
            self.steps.append(found.step)
        return found

    def _nearly(self) -> Found | None:
        heard, vocabulary = self.heard, self.vocabulary
        found = mended_reading(heard, vocabulary, self.question.confirm) or scoped(heard, vocabulary)
        found = found or among_others(heard, vocabulary)
        if found is None:
            self.steps.append("no slip, no STOP of something, and no sentence of it is a STOP")
        return found

    def _is_named(self) -> bool:
        """Tell whether the text is a keyword, or an answer to the open survey, as it stands."""
        return self._keyword() is not None or bool(exact(self.heard.tokens, self.question.choices))

    def _keyword(self) -> str | None:
        keywords = self.vocabulary.keywords
        for key in (self.heard.words, self.heard.folded, self.heard.key):
            if key in keywords:
                return keywords[key]
        return None

    # ---- the order of precedence -----------------------------------------------------------------------

    def _ends_or_helps(self, found: Found | None) -> Understanding | None:
        if found is None:
            return None
        reading = found.reading
        if reading.does("stop_all"):
            return self._is(Intent.STOP_ALL, found)
        if reading.deeds & STOPS:
            return self._is(Intent.STOP, found)
        if reading.does("scoped"):
            return self._is(Intent.STOP, found, program=reading.program)
        if reading.does("help"):
            return self._is(Intent.HELP, found)
        return None

    def _answers(self, found: Found | None) -> Understanding | None:
        """Take the text for an answer to what is open: YES or NO first, then a survey's."""
        if self.question.confirm and found:
            reading = found.reading
            if reading.does("confirm") and reading.only("confirm", "start", "join"):
                return self._yes(found)
            if reading.does("decline", "refuse", "unclear") and not reading.does("confirm"):
                maybe = Intent.STOP if reading.does("unclear") else None
                return self._is(Intent.DECLINE, found, maybe=maybe)
        named = chosen(self.heard.tokens, self.question.choices, self.vocabulary)
        return self._answer(*named) if named else None

    def _begins(self, found: Found | None) -> Understanding | None:
        """Take the text for a START or a keyword."""
        if found and found.reading.does("start") and found.reading.only("start", "confirm", "beside"):
            return self._is(Intent.START, found)
        keyword = self._keyword()
        if keyword is not None:
            return self._joins(keyword, "keyword", 1.0)
        bare = " ".join(without_courtesy(self.heard.tokens, self.vocabulary.polite))
        if bare in self.vocabulary.keywords:
            return self._joins(self.vocabulary.keywords[bare], "keyword-polite", 0.95)
        if found and found.reading.does("join"):
            return self._program(found)
        return self._mistyped(bare)

    def _nothing(self, found: Found | None) -> Understanding:
        """Say that nothing was understood, and what it may have been."""
        if found and found.rule == "word" and found.reading.does("confirm") and not found.asked:
            return self._yes(found)
        if self.question.free_text and not might_be_stop(self.heard, self.vocabulary):
            self.steps.append("any other words are an answer too")
            return self._make(Intent.ANSWER, "free-text", 0.5, answer="")
        if found and found.reading.does("unclear", "decline", "refuse"):
            return self._unknown("unclear", Intent.STOP)
        return self._unknown("unknown", Intent.STOP if might_be_stop(self.heard, self.vocabulary) else None)

    # ---- the answers -----------------------------------------------------------------------------------

    def _yes(self, found: Found) -> Understanding:
        """A YES, unless a sign beside it says the contrary, or makes it a question: consent is never guessed."""
        words = self.vocabulary.words
        meant = {words[sign].intent for sign in self.heard.signs() if sign in words}
        if meant & {Intent.DECLINE, Intent.STOP} or self.heard.asks():
            self.steps.append("a YES, but a sign beside it says the contrary")
            return self._unknown("contradiction", Intent.STOP if Intent.STOP in meant else None)
        return self._is(Intent.CONFIRM, found)

    def _answer(self, choice: Choice, rule: str) -> Understanding:
        self.steps.append(f"answer {choice.key} of the open question")
        return self._make(Intent.ANSWER, rule, 0.8 if rule == "answer-typo" else 1.0, answer=choice.key)

    def _joins(self, keyword: str, rule: str, confidence: float) -> Understanding:
        self.steps.append(f"keyword {keyword} of this number")
        return self._make(Intent.KEYWORD, rule, confidence, keyword=keyword)

    def _program(self, found: Found) -> Understanding | None:
        """A sentence that asks for a program stands for the program's keyword."""
        named = [name for name, program in self.vocabulary.programs.items() if program == found.reading.program]
        keyword = next((self.vocabulary.keywords[name] for name in named if name in self.vocabulary.keywords), None)
        if keyword is None or found.reading.program is None or not found.reading.only("join", "start", "confirm"):
            return None
        return self._make(Intent.KEYWORD, "keyword-phrase", 0.9, keyword=keyword, language=found.reading.language)

    def _mistyped(self, bare: str) -> Understanding | None:
        """A keyword with one slip: long enough, one only, and no real word."""
        vocabulary = self.vocabulary
        if len(bare) < _SHORTEST_KEYWORD_TYPO - 1 or bare in vocabulary.known or bare in vocabulary.real:
            return None
        meant = {vocabulary.keywords[k] for k in corrections(bare, vocabulary.keywords_typed, _SHORTEST_KEYWORD_TYPO)}
        return self._joins(meant.pop(), "keyword-typo", 0.8) if len(meant) == 1 else None

    def _is(
        self, intent: Intent, found: Found, *, program: str | None = None, maybe: Intent | None = None
    ) -> Understanding:
        language = found.reading.language
        return self._make(intent, found.rule, found.confidence, language=language, program=program, maybe=maybe)

    def _unknown(self, rule: str, maybe: Intent | None) -> Understanding:
        self.steps.append("not understood" + (", but it might be a STOP" if maybe else ""))
        return self._make(Intent.UNKNOWN, rule, 0.5 if maybe else 0.0, maybe=maybe)

    def _make(
        self,
        intent: Intent,
        rule: str,
        confidence: float,
        *,
        language: str | None = None,
        keyword: str | None = None,
        program: str | None = None,
        answer: str | None = None,
        maybe: Intent | None = None,
    ) -> Understanding:
        return Understanding(
            intent, rule, self.heard.words, language, confidence, keyword, program, answer, maybe, tuple(self.steps)
        )
