"""What a guest does on the page, in words."""

from pathlib import Path

from playwright.sync_api import FrameLocator, Page, expect

AXE = Path(__file__).resolve().parent.parent / "node_modules/axe-core/axe.min.js"
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"


def open_chat(page: Page) -> FrameLocator:
    page.get_by_role("button", name="Skriv med os").click()
    chat = page.frame_locator("iframe")
    expect(chat.get_by_text("Hvem handler det om?")).to_be_visible()
    return chat


def write(chat: FrameLocator, words: str) -> None:
    field = chat.get_by_label("Skriv din besked")
    field.fill(words)
    field.press("Enter")


def violations(page: Page) -> list[str]:
    """Every axe violation on the page and in the frame, as `rule: selector`."""
    found = []
    for frame in page.frames:
        # The debugger's own evaluation is not bound by the page's script policy.
        frame.evaluate(AXE.read_text("utf-8") + "; null")
        result = frame.evaluate(f"axe.run(document, {RULES})")
        found += [f"{item['id']}: {node['target']}" for item in result["violations"] for node in item["nodes"]]
    return found
