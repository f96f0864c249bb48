"""What a text means: the rows of tests/corpus in English and French, and each rule of precedence by itself."""

import pytest
from scores import rows as corpus

from bot.core.understand import understand
from bot.core.understanding import NOTHING_OPEN, Choice, Intent, Question
from bot.core.vocabulary import everything, vocabulary

PENDING = Question(confirm=True)
BOTH = vocabulary(["en", "fr"])
REASONS = Question(
    choices=(
        Choice("too_many", ("Trop de SMS", "Too many texts")),
        Choice("not_relevant", ("Pas pour moi", "Not relevant")),
        Choice("changed", ("Besoins changés", "My needs changed")),
        Choice("lost_interest", ("Plus intéressé", "Lost interest")),
    )
)
CLUB = vocabulary(
    ["fr", "en"],
    ["CLUB", "Café", "HORAIRES", "SHOP"],
    {"club": ("Club Lumière", "club", "CLUB", "Café"), "jobs": ("Emplois", "jobs")},
)


def rows():
    return [(row.language, row.meant, row.text) for language in ("en", "fr") for row in corpus(language) if row.yet]


def misread(question, right):
    return [
        (language, intent, text, str(seen.intent), seen.steps)
        for language, intent, text in rows()
        for seen in [understand(text, BOTH, question)]
        if not right(intent, seen.intent)
    ]


def test_every_case_is_read_right_where_a_yes_or_no_is_awaited():
    def right(intent, seen):
        if intent == "ambiguous":
            return seen not in (Intent.CONFIRM, Intent.START)
        if intent == "start":  # "sign me up" is a yes there
            return seen in (Intent.START, Intent.CONFIRM)
        return seen == (Intent.UNKNOWN if intent == "none" else intent)

    assert misread(PENDING, right) == []


def test_every_case_is_read_right_where_nothing_is_open():
    def right(intent, seen):
        if intent in ("confirm", "decline"):
            return seen in (Intent.CONFIRM, Intent.START, Intent.UNKNOWN)
        if intent == "ambiguous":
            return seen not in (Intent.CONFIRM, Intent.START)
        return seen == (Intent.UNKNOWN if intent == "none" else intent)

    assert misread(NOTHING_OPEN, right) == []


@pytest.mark.parametrize("question", [NOTHING_OPEN, PENDING, REASONS, Question(free_text=True)])
def test_a_stop_beats_every_question(question):
    misread = [
        text for _, intent, text in rows() if intent == "stop" and understand(text, BOTH, question).intent != intent
    ]

    assert misread == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("STOP", None),
        ("stop all", None),
        ("STOP 36180", None),
        ("ARRÊT", "fr"),
        ("arret", "fr"),
        ("Unsubscribe", "en"),
        ("stop please", "en"),
        ("stop svp", "fr"),
        ("merci d'arrêter", "fr"),
        ("take me off your list", "en"),
        ("désabonnez-moi", "fr"),
        ("HELP", None),
        ("AIDE", "fr"),
        ("START", None),
        ("réabonnez-moi", "fr"),
        ("stop sms", None),
    ],
)
def test_the_language_is_the_matched_words_own(text, language):
    assert language == understand(text, BOTH, NOTHING_OPEN).language


@pytest.mark.parametrize(
    ("text", "language"), [("OUI", "fr"), ("yes", "en"), ("ok", None), ("oui merci", "fr"), ("👍", None)]
)
def test_a_yes_tells_its_language(text, language):
    seen = understand(text, BOTH, PENDING)

    assert (Intent.CONFIRM, language) == (seen.intent, seen.language)


@pytest.mark.parametrize(
    ("text", "keyword", "rule"),
    [
        ("CLUB", "CLUB", "keyword"),
        ("club!", "CLUB", "keyword"),
        ("cafe", "Café", "keyword"),
        ("CAFÉ", "Café", "keyword"),
        ("club please", "CLUB", "keyword-polite"),
        ("bonjour club svp", "CLUB", "keyword-polite"),
        ("horaire", "HORAIRES", "keyword-typo"),
        ("horiares", "HORAIRES", "keyword-typo"),
        ("shop", "SHOP", "keyword"),
        ("join club", "CLUB", "keyword-phrase"),
        ("je veux rejoindre le club", "CLUB", "keyword-phrase"),
        ("Club Lumière", "CLUB", "keyword-phrase"),
    ],
)
def test_a_keyword_is_told_as_the_file_writes_it(text, keyword, rule):
    seen = understand(text, CLUB, NOTHING_OPEN)

    assert (Intent.KEYWORD, keyword, rule) == (seen.intent, seen.keyword, seen.rule)


@pytest.mark.parametrize("text", ["is the club open?", "my shop is closed", "hours", "clu", "le club est nul"])
def test_a_keyword_within_other_words_is_none(text):
    assert understand(text, CLUB, NOTHING_OPEN).intent == Intent.UNKNOWN


@pytest.mark.parametrize(
    "word", ["STOP", "Arrêt", "unsubscribe", "désabonner", "END", "stop all", "no more", "STOP SMS"]
)
def test_no_keyword_shadows_a_stop(word):
    shadowed = vocabulary(["fr", "en"], [word], {"p": (word,)})

    assert understand(word, shadowed, NOTHING_OPEN).intent in (Intent.STOP, Intent.STOP_ALL)


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("STOP CLUB", "club"),
        ("stop club lumière svp", "club"),
        ("Stop Café", "club"),
        ("arrêter club", "club"),
        ("STOP JOBS", "jobs"),
        ("club stop", "club"),
        ("STOP CLUB and JOBS", None),
        ("STOP", None),
        ("STOP MARKETING", None),
        ("stop 36180", None),
    ],
)
def test_a_stop_that_names_one_program_ends_that_one(text, program):
    seen = understand(text, CLUB, NOTHING_OPEN)

    assert (Intent.STOP, program) == (seen.intent, seen.program)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", "too_many"),
        ("1.", "too_many"),
        ("２", "not_relevant"),
        ("#2", "not_relevant"),
        ("two", "not_relevant"),
        ("deux", "not_relevant"),
        ("la 3", "changed"),
        ("option 3 please", "changed"),
        ("1 et 3", "too_many"),
        ("4, 2", "lost_interest"),
        ("trop de sms", "too_many"),
        ("TROP DE SMS !", "too_many"),
        ("trop de smss", "too_many"),
        ("besoins changes", "changed"),
        ("Too many", "too_many"),
        ("pas pour moi", "not_relevant"),
        ("lost intrest", "lost_interest"),
        ("2 pas pour moi", "not_relevant"),
        ("number four", "lost_interest"),
        ("2️⃣", "not_relevant"),
        ("1 merci", "too_many"),
    ],
)
def test_an_answer_is_named_by_its_number_or_its_words(text, answer):
    seen = understand(text, BOTH, REASONS)

    assert (Intent.ANSWER, answer) == (seen.intent, seen.answer)


@pytest.mark.parametrize(
    "text", ["5", "0", "12", "1 pas pour moi", "3 times a day is too much", "the weather", "99999999999"]
)
def test_what_names_no_answer_is_none(text):
    seen = understand(text, BOTH, REASONS)

    assert seen.intent == Intent.UNKNOWN


def test_other_words_are_a_free_answer_only_where_the_question_takes_them():
    said = "You moved too far away"

    seen = understand(said, BOTH, Question(free_text=True))
    unasked = understand(said, BOTH, NOTHING_OPEN)

    assert (seen.intent, seen.answer, unasked.intent) == (Intent.ANSWER, "", Intent.UNKNOWN)


def test_a_free_answer_with_the_words_of_a_stop_is_kept_for_a_person():
    seen = understand("you never stop harassing people", BOTH, Question(free_text=True))

    assert (seen.intent, seen.maybe) == (Intent.UNKNOWN, Intent.STOP)


def test_keywords_and_starts_are_no_free_answers():
    assert understand("club", CLUB, Question(free_text=True)).intent == Intent.KEYWORD
    assert understand("start", CLUB, Question(free_text=True)).intent == Intent.START


@pytest.mark.parametrize(
    "text",
    ["too many texts", "not interested", "STOP? maybe later", "ça suffit", "cancel that", "I'll report this spam"],
)
def test_what_might_be_a_stop_says_so(text):
    seen = understand(text, BOTH, NOTHING_OPEN)

    assert (seen.intent, seen.maybe) == (Intent.UNKNOWN, Intent.STOP)


@pytest.mark.parametrize(
    "text", ["can you stop by at 3?", "which bus stop?", "bonjour", "arrêt de bus ?", "see you on Friday"]
)
def test_plain_chat_holds_nothing_back(text):
    assert understand(text, BOTH, NOTHING_OPEN).maybe is None


def test_a_word_counts_only_where_its_language_is_enabled():
    english = vocabulary(["en"])

    assert (
        understand("FIN", english, NOTHING_OPEN).intent,
        understand("FIN", BOTH, NOTHING_OPEN).intent,
    ) == (Intent.UNKNOWN, Intent.STOP)


@pytest.mark.parametrize(
    "text", ["STOP", "stopall", "quit", "END", "revoke", "opt-out", "cancel", "UNSUBSCRIBE", "ARRET", "Arrêt"]
)
def test_everybodys_words_count_without_any_language(text):
    assert understand(text, vocabulary([]), NOTHING_OPEN).intent in (Intent.STOP, Intent.STOP_ALL)


def test_the_files_own_words_count_beside_the_built_in_ones():
    with_basta = vocabulary(["fr"], extra={"fr": [("stop", ["BASTA", "[laisse béton"])], "xx": [("stop", ["NIXDA"])]})

    seen = [
        understand(text, with_basta, NOTHING_OPEN).intent for text in ("basta svp", "laisse beton", "stop", "nixda")
    ]

    assert seen == [Intent.STOP, Intent.STOP, Intent.STOP, Intent.UNKNOWN]


@pytest.mark.parametrize(
    "lead", ["don't", "never", "I don't want to", "why did you", "I can't", "did you", "no need to", "i didn't"]
)
@pytest.mark.parametrize(
    "stop", ["stop", "unsubscribe", "stop texting me", "remove me from your list", "opt out", "quit"]
)
def test_a_stop_that_is_turned_round_is_none(lead, stop):
    assert understand(f"{lead} {stop}", BOTH, NOTHING_OPEN).intent == Intent.UNKNOWN


@pytest.mark.parametrize(
    "lead", ["ne", "je ne veux pas", "surtout ne pas", "pourquoi", "je refuse de", "je ne souhaite pas"]
)
@pytest.mark.parametrize(
    "stop", ["arrêter", "me désabonner", "arrêtez les sms", "me désinscrire", "supprimer mon numéro"]
)
def test_un_stop_a_l_envers_n_en_est_pas_un(lead, stop):
    assert understand(f"{lead} {stop}", BOTH, NOTHING_OPEN).intent == Intent.UNKNOWN


def test_the_steps_tell_the_way_to_the_answer():
    seen = understand("  ＳＴＯＰ!", BOTH, NOTHING_OPEN)

    assert seen.steps == ("normalised: stop", "universal word: stop")


def test_without_a_number_every_language_of_the_lexicon_counts():
    seen = understand("arrêtez", everything(), NOTHING_OPEN)

    assert (seen.intent, seen.language) == (Intent.STOP, "fr")
