"""What a word nobody knows may have been: letters drawn out, spaced out or run together, or one slip of the thumb.

Rule: only unknown words are mended, never a real one, a keyword or a number; and at most two in a message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from bot.core.lookalikes import in_disguise
from bot.core.text import once
from bot.core.typos import corrections, may_slip
from bot.core.vocabulary import Vocabulary

_DIGITS_FOR_LETTERS = str.maketrans("0135", "oies")
MOST = 2
_LONGEST_WORD = 24


def mended(tokens: Sequence[str], vocabulary: Vocabulary) -> Iterator[tuple[list[str], str]]:
    """Yield what the tokens may have been, each with the name of the rule, the likeliest first."""
    together = _spelled_out(tokens)
    if together != list(tokens):
        yield together, "spaced"
    strange = [at for at, token in enumerate(together) if not _known(token, vocabulary)]
    if not 0 < len(strange) <= MOST:
        return
    choices = [list(_candidates(together[at], vocabulary)) for at in strange]
    for chosen in product(*choices):
        words = list(together)
        for at, (units, _) in sorted(zip(strange, chosen, strict=True), reverse=True):
            words[at : at + 1] = units
        yield words, max((rule for _, rule in chosen), key=RULES.index)


RULES = ("drawn-out", "run-together", "typo")


def _known(token: str, vocabulary: Vocabulary) -> bool:
    return token in vocabulary.known or token in vocabulary.keyword_units or token.isdigit()


def _spelled_out(tokens: Sequence[str]) -> list[str]:
    """Join letters that stand alone, three or more in a row: "s t o p please"."""
    joined: list[str] = []
    run: list[str] = []
    for token in (*tokens, ""):
        if len(token) == 1 and token.isalpha():
            run.append(token)
            continue
        joined += ["".join(run)] if len(run) > 2 else run
        joined += [token] if token else []
        run = []
    return joined


def _candidates(token: str, vocabulary: Vocabulary) -> Iterator[tuple[list[str], str]]:
    if len(token) > _LONGEST_WORD or token in vocabulary.real:
        return
    for shorter in _shortened(token):
        if shorter in vocabulary.known:
            yield [shorter], "drawn-out"
    plain = token.translate(_DIGITS_FOR_LETTERS)
    if plain != token and plain in vocabulary.key_words:
        yield [plain], "typo"
    latin = in_disguise(token)
    if latin in vocabulary.key_words:
        yield [latin], "typo"
    word = token.rstrip("0123456789")
    if word != token and word in vocabulary.key_words:
        yield [word, token[len(word) :]], "run-together"
    said_once = once(token)
    if said_once != token and said_once in vocabulary.known:
        yield [said_once], "drawn-out"
    yield from ((parts, "run-together") for parts in _parted(token, vocabulary))
    yield from (([word], "typo") for word in _corrected(token, vocabulary))


def _shortened(token: str) -> Iterator[str]:
    """Yield a word with its drawn-out letters once or twice: "stoooop", "yesss", "heelllp"."""
    once_each, twice_each, run = "", "", 0
    longest = 1
    for before, letter in zip(" " + token, token, strict=False):
        run = run + 1 if letter == before else 1
        longest = max(longest, run)
        once_each += letter if run == 1 else ""
        twice_each += letter if run <= 2 else ""
    if longest > 2 or (longest == 2 and token[-1:] == token[-2:-1]):
        yield from (word for word in (once_each, twice_each) if word != token)


def _parted(token: str, vocabulary: Vocabulary) -> Iterator[list[str]]:
    """Yield two words written as one, of which one says STOP, YES or HELP, or is polite: "stopplease"."""
    for at in range(2, len(token) - 1):
        first, second = token[:at], token[at:]
        if first in vocabulary.known and second in vocabulary.known and len(token) > 5:
            telling = [part for part in (first, second) if len(part) > 2]
            if any(part in vocabulary.key_words or part in vocabulary.polite for part in telling):
                yield [first, second]


def _corrected(token: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield known words one slip away: those of STOP, YES or HELP, then long ones that begin alike."""
    if len(token) < 3 or not may_slip(token):
        return
    yield from corrections(token, vocabulary.key_words_typed)
    alike = corrections(token, vocabulary.typed.get(token[0], {}), shortest=5)
    yield from (word for word in alike if word not in vocabulary.key_words)
