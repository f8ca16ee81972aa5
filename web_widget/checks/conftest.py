"""Chromium and the mock backend for the widget's own browser checks: `pytest web_widget/checks`."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect, sync_playwright

ROOM = Path(__file__).resolve().parent.parent
# Two busy cores must not look like a fault; what is promised in seconds is measured in its own test.
expect.set_options(timeout=15_000)
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server():
    base = f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen([sys.executable, str(ROOM / "mock/server.py"), base.rsplit(":", 1)[1]], stdout=subprocess.DEVNULL)
    for _ in range(100):
        try:
            urlopen(f"{base}/mock/mood", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield base
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def look(request):
    """Width and scheme; the access checks ask for more than this one."""
    width, scheme = getattr(request, "param", "1280-light").split("-")
    return {"viewport": {"width": int(width), "height": 860 if width == "1280" else 640}, "color_scheme": scheme}


@pytest.fixture
def context(browser, look):
    context = browser.new_context(**look)
    context.set_default_timeout(15_000)
    context.route("https://www.dmi.dk/**", lambda route: route.fulfill(body="<title>Vejret</title>", content_type="text/html"))
    yield context
    context.close()


@pytest.fixture
def page(context, server):
    page = context.new_page()
    page.request.post(f"{server}/mock/mood", data={"fail": 0, "create": True, "closed": 0})
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda line: page.errors.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(f"{server}/demo/rodovre")
    yield page
    assert page.errors == []
