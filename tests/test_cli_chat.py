"""`ouistop chat`: the phone in the terminal."""

import asyncio

from command_line import KEYWORDS, NUMBER, OTHER, run, write

from bot.core.loading import load_catalog
from bot.transcripts import read_script
from bot.transcripts.both import play_both


def said(folder, typed, *options):
    """Type lines; return what is shown, but for the reasons."""
    result = run(folder, "chat", *options, typed=typed)

    assert (result.exit_code, result.stderr) == (0, "")
    return [line for line in result.stdout.splitlines() if not line.startswith("  ")]


def test_a_conversation_reads_as_a_transcript_does(tmp_path):
    lines = said(write(tmp_path), "club\noui\nARRÊTER\n2\n")

    assert [line for line in lines if line[0] in ">*("] == [
        "> club", "> oui", "* opted in to club", "> ARRÊTER", "* opted out of club", "> 2", "* reason lost_interest"
    ]  # fmt: skip
    assert len([line for line in lines if line.startswith("< Le Zinc")]) == 3


def test_each_turn_says_why_until_it_is_told_not_to(tmp_path):
    result = run(write(tmp_path), "chat", typed="club\n/trace off\noui\n/trace on\nstop\n")
    why = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]

    assert why == [
        "keyword CLUB (line 12), rule keyword", "club: stranger → pending",
        "stop, rule word", "club: subscribed → unsubscribed",
    ]  # fmt: skip


def test_time_passes_when_it_is_told_to_and_timers_ring(tmp_path):
    lines = said(write(tmp_path), "club\n/wait 19 hours\n/wait 2 hours\n/wait 2 days\noui\n")

    assert [line[:12] for line in lines] == [
        "> club", "< Le Zinc : ",
        "~ 19 hours",
        "~ 2 hours", "< Le Zinc : ",
        "~ 2 days", "* expired cl",
        "> oui", "* kept for a", "< Le Zinc : ",
    ]  # fmt: skip


def test_another_number_may_be_texted_and_is_named(tmp_path):
    lines = said(write(tmp_path), f"/number {OTHER}\nbrunch\n/number\n")

    assert lines[0] == f"You text {OTHER}. Keywords there: BRUNCH"
    assert lines[1:3] == [f"> [to {OTHER}] brunch", "* opted in to brunch"]
    assert lines[3].startswith(f"< [from {OTHER}] Le Zinc")


def test_the_number_is_the_one_asked_for_and_so_is_the_person(tmp_path):
    lines = said(write(tmp_path), "brunch\n", "--number", OTHER, "--as", "+33 6 39 98 00 09", "--save", "x.txt")

    assert lines[:2] == ["> brunch", "* opted in to brunch"]
    assert (tmp_path / "x.txt").read_text("utf-8").splitlines()[:4] == [
        "# Begun with brunch", f"# to: {OTHER}", "# from: +33639980009", "> brunch"
    ]  # fmt: skip


def test_what_the_phone_cannot_do_is_told_and_nothing_is_texted(tmp_path):
    lines = said(write(tmp_path), "/wait long\n/dance\n/trace maybe\n/number +33611111111\n\n   \n/help\n/quit\nclub\n")

    assert lines == [
        "'long' is no duration: write 48 hours, 90 minutes, 2 days, 1 week",
        "/dance is nothing this phone can do: /help lists what is",
        "/trace maybe is nothing this phone can do: /help lists what is",
        f"+33611111111 is none of {NUMBER}, {OTHER}",
    ]


def test_a_text_that_begins_with_a_slash_is_written_with_two(tmp_path):
    assert said(write(tmp_path), "//help\n")[0] == "> /help"


def test_a_saved_conversation_plays_as_it_was(tmp_path):
    typed = f'club\n/wait 21 hours\noui\nzzz\n/wait 2 days\nSTOP\n"2"\n/number {OTHER}\n brunch \nstop\n'
    said(write(tmp_path), typed, "--save", "join.txt")
    source = (tmp_path / "join.txt").read_text("utf-8")
    catalog = load_catalog(KEYWORDS, "keywords.yaml", ("simulator", "http")).catalog

    assert play_both(read_script(source, "join.txt"), lambda _: catalog) == (source, source)


def test_a_transcript_names_its_keywords_file_where_that_is_not_the_usual_one(tmp_path):
    (tmp_path / "spring").mkdir()
    write(tmp_path / "spring")
    said(tmp_path, "club\n", "--keywords", "spring/keywords.yaml", "--save", "spring/join.txt")

    assert "# keywords: keywords.yaml\n" in (tmp_path / "spring" / "join.txt").read_text("utf-8")


def test_a_file_with_errors_is_told_problem_by_problem(tmp_path):
    result = run(write(tmp_path, KEYWORDS.replace("[CLUB]", "[STOP]")), "chat", typed="club\n")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("keywords.yaml:12:16: error: ")


def test_an_edit_is_in_force_with_the_next_text_and_a_bad_one_is_told(tmp_path):
    from bot.commands.phone import Phone
    from bot.service.reload import Keywords

    path = write(tmp_path) / "keywords.yaml"
    keywords = Keywords(path, ("simulator", "http"))
    keywords.load()

    async def talk():
        phone = Phone(keywords, "+33639980001", NUMBER)
        await phone.open()
        for source in (KEYWORDS.replace("[CLUB]", "[STOP]"), KEYWORDS.replace("[CLUB]", "[CERCLE]")):
            path.write_text(source, "utf-8")
            await phone.take("cercle")
        phone.save(tmp_path / "x.txt", name_file=False)
        await phone.close()

    asyncio.run(talk())
    text = (tmp_path / "x.txt").read_text("utf-8")

    assert text.count("> cercle\n") == 2
    assert "> cercle\n* kept for a person\n" in text
    assert "> cercle\n< Le Zinc : répondez OUI" in text
