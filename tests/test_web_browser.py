"""The simulator in a real browser, with and without scripts. Needs Chromium and its chromedriver on the PATH."""

import asyncio
import shutil

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from web_fakes import HER, OURS, catalog, ledger_row, person, site, story

from bot.web.security import Access

pytestmark = pytest.mark.browser

ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1280,900",
)  # fmt: skip
PATIENCE = 10


def browser(profile, scripts=True):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(options, Service(shutil.which("chromedriver")))


@pytest.fixture
async def drive(aiohttp_client, tmp_path):
    """Return a function that runs `steps(driver, address)` in a browser, off the loop that serves the pages."""
    pages = await site(aiohttp_client)

    async def driven(steps, scripts=True, pages=pages):
        address = str(pages.client.make_url("/"))

        def run():
            driver = browser(tmp_path / "profile", scripts)
            try:
                return steps(driver, address)
            finally:
                driver.quit()

        return await asyncio.to_thread(run)

    driven.pages = pages
    return driven


def until(driver, found):
    """Wait for something to be found; a part may be put in place while one looks at it."""
    return WebDriverWait(driver, PATIENCE, 0.05, [StaleElementReferenceException]).until(lambda _: found())


def bubbles(driver):
    script = "return [...document.querySelectorAll('.talk .bubble .words')].map((words) => words.textContent)"
    return driver.execute_script(script)


async def test_a_text_is_answered_without_a_reload_and_the_focus_stays(drive):
    def steps(driver, address):
        driver.get(address)
        driver.execute_script("window.same = true")
        field = driver.find_element(By.ID, "text")
        field.send_keys("first", Keys.ENTER, "second <b>", Keys.ENTER)
        until(driver, lambda: len(bubbles(driver)) == 4)
        driver.find_element(By.CSS_SELECTOR, ".chip[value='ARRÊTER']").click()
        until(driver, lambda: len(bubbles(driver)) == 6)
        field.send_keys("x")
        screen = "const s = document.querySelector('[data-screen]'); return Math.abs(s.scrollTop) < 2"
        until(driver, lambda: "ARRÊTER" in driver.find_element(By.ID, "announce").get_attribute("textContent"))
        return (
            bubbles(driver),
            driver.execute_script("return window.same && document.activeElement.id"),
            driver.find_element(By.ID, "announce").get_attribute("textContent"),
            driver.execute_script(screen),
            [entry["message"] for entry in driver.get_log("browser") if "Security Policy" in entry["message"]],
        )

    talk, focused, announced, at_newest, complaints = await drive(steps)

    said = ["first", "second <b>", "ARRÊTER"]
    assert talk == [words for text in said for words in (text, f"Reply to {text}")]
    assert focused == "text"
    assert announced == "Affiche, Gare de Lyon: Reply to ARRÊTER"
    assert at_newest
    assert complaints == []


async def test_a_bubble_shows_its_turn_and_keeps_the_focus(drive):
    drive.pages.sandbox.talks[(HER, OURS)] = story()

    def steps(driver, address):
        driver.get(address)
        link = driver.find_element(By.ID, "link-mo-sim:2")
        link.send_keys(Keys.ENTER)
        until(driver, lambda: "Oui" in driver.find_element(By.CSS_SELECTOR, ".why .quote").text)
        until(driver, lambda: driver.execute_script("return document.activeElement.id") == "link-mo-sim:2")
        return driver.current_url

    assert "turn=sim" in await drive(steps)


async def test_a_refusal_is_told_and_the_words_are_not_lost(drive):
    def steps(driver, address):
        driver.get(address)
        driver.execute_script("document.querySelector('.compose [name=number]').value = '+33999999999'")
        driver.find_element(By.ID, "text").send_keys("CLUB", Keys.ENTER)
        until(driver, lambda: driver.find_element(By.ID, "trouble").text)
        return driver.find_element(By.ID, "trouble").text, driver.find_element(By.ID, "text").get_attribute("value")

    assert await drive(steps) == ("+33999999999 is not in keywords.yaml", "CLUB")


async def test_without_scripts_the_phone_does_the_same(drive):
    def steps(driver, address):
        driver.get(address)
        driver.find_element(By.ID, "text").send_keys("CLUB", Keys.ENTER)
        until(driver, lambda: "Reply to CLUB" in driver.page_source)
        assert driver.current_url.endswith("#phone"), "a script has saved the reload"
        driver.find_element(By.CSS_SELECTOR, "[name=hours][value='48']").click()
        until(driver, lambda: "Thu 26 Nov 2026" in driver.find_element(By.CSS_SELECTOR, ".now").text)
        driver.find_element(By.ID, "link-mt-mt1").click()
        until(driver, lambda: "turn=simulator" in driver.current_url)
        return driver.find_element(By.CSS_SELECTOR, ".why .quote").text

    assert "CLUB" in await drive(steps, scripts=False)


async def test_somebody_signs_in_texts_and_signs_out(drive, aiohttp_client):
    token = "admin-token-0123456789"
    locked = await site(aiohttp_client, Access(open=False, admin_token=token))

    def steps(driver, address):
        driver.get(address)
        driver.find_element(By.ID, "token").send_keys(token, Keys.ENTER)
        until(driver, lambda: driver.find_elements(By.ID, "text"))
        driver.find_element(By.ID, "text").send_keys("CLUB", Keys.ENTER)
        until(driver, lambda: bubbles(driver) == ["CLUB", "Reply to CLUB"])
        driver.find_element(By.CSS_SELECTOR, "[name=hours][value='3']").click()
        until(driver, lambda: "12:05" in driver.find_element(By.CSS_SELECTOR, ".now").text)
        driver.find_element(By.CSS_SELECTOR, "[action='/signout'] button").click()
        until(driver, lambda: driver.find_elements(By.ID, "token"))
        driver.get(f"{address}console")
        return driver.current_url

    assert (await drive(steps, pages=locked)).endswith("/signin?next=/console")


async def test_a_saved_file_is_taken_before_the_eyes(drive):
    def steps(driver, address):
        driver.get(address)
        driver.find_element(By.ID, "text").send_keys("half a te")
        watched = "return performance.getEntriesByType('resource').some((entry) => entry.name.includes('/api/state'))"
        until(driver, lambda: driver.execute_script(watched))
        drive.pages.sandbox.catalog = catalog(["keywords.yaml:14:9: error: CLUB is taken [keyword-taken]"], stale=True)
        until(driver, lambda: driver.find_element(By.ID, "news").text)
        return (
            driver.find_element(By.ID, "news").text,
            "CLUB is taken" in driver.find_element(By.CSS_SELECTOR, "[data-part=faults]").text,
            driver.find_element(By.ID, "text").get_attribute("value"),
        )

    saved = "keywords.yaml was saved with errors: the version before stays in use."
    assert await drive(steps) == (saved, True, "half a te")


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
async def test_no_page_is_wider_than_its_screen(width, drive):
    drive.pages.sandbox.talks[(HER, OURS)] = story()
    drive.pages.console.people[HER] = person(timeline=story(), ledger=[ledger_row("asked", shown="w" * 160)])
    paths = ["", "console", "console/unread", "console/keywords", f"console/contacts/{HER}"]

    def steps(driver, address):
        size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wide = []
        for path in paths:
            driver.get(address + path)
            if driver.execute_script("return document.documentElement.scrollWidth > window.innerWidth"):
                wide.append(path)
        return wide

    assert await drive(steps) == []
