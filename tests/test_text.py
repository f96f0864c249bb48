"""Before anything is compared: one spelling for every text, and only the person's own words."""

import pytest

from bot.core.text import fold, normalise, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  STOP\r\n", "stop"),
        ("“Stop.”", "stop"),
        ("ＳＴＯＰ！", "stop"),
        ("S\u200bT\u00adO\u2060P\ufeff", "stop"),
        ("STOP@", "stop"),
        ("🛑 stop 🛑", "stop"),
        ("🛑", "🛑"),
        ("👍🏽", "👍"),
        ("1️⃣", "1"),
        ("stоp", "stop"),
        ("ΔIAΓPAΦH", "διαγραφη"),
        ("СТОП", "стоп"),
        ("İPTAL", "iptal"),
        ("ıptal", "iptal"),
        ("ARRE\u0302T", "arrêt"),
        ("ARRÃŠT", "arrêt"),
        ("don’t", "don't"),
        ("ｽﾄｯﾌﾟ", "ストップ"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("a \u00a0\u3000 b", "a b"),
        ("...", ""),
        ("", ""),
    ],
)
def test_one_spelling(text, words):
    assert normalise(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Liked "Reply STOP to opt out"', ""),
        ("Laughed at “Reply STOP”", ""),
        ("Reacted 🔥 to “Reply STOP”", ""),
        ("A aimé « Répondez STOP »", ""),
        ("👍 to “Reply YES”", ""),
        ("STOP\nSent from my iPhone", "stop"),
        ("Arrêtez\n\nEnvoyé de mon iPhone", "arrêtez"),
        ("STOP\n-- \nAnn", "stop"),
        ("STOP\n> Reply STOP to leave", "stop"),
        ("ok\nOn Mon, 3 May 2026 at 10:00, Ann wrote:\n> sale", "ok"),
        ("oui\nLe 3 mai 2026 à 10:00, Anne a écrit :\n> promo", "oui"),
        ("stop\n----- Original message -----\nfrom us", "stop"),
        ("“Reply STOP to opt out” – loved", ""),
        ("Gefällt mir: „Mit STOP abmelden“", ""),
        ("“STOP” please", "stop” please"),
        ("I liked it a lot", "i liked it a lot"),
        ("sent from my heart", "sent from my heart"),
        ("> stop", "stop"),
    ],
)
def test_only_her_own_words_stay(text, words):
    assert normalise(text) == words


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        ("désabonné", "desabonne"),
        ("ș", "s"),
        ("ş", "s"),
        ("ł", "l"),
        ("إيقاف", "ايقاف"),
        ("۱۱", "11"),
        ("หยุด", "หยุด"),
        ("बंद", "बंद"),
    ],
)
def test_folding_takes_accents_off_and_leaves_letters(words, folded):
    assert fold(words) == folded


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("d'arrêter", ["d", "arrêter"]),
        ("opt-out", ["opt", "out"]),
        ("stop/fin", ["stop", "fin"]),
        ("बंद करें", ["बंद", "करें"]),
    ],
)
def test_tokens_are_runs_of_letters(text, cut):
    assert tokens(text) == cut
