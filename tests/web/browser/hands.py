"""Two ways to work a page: by what is pointed at, and by the keyboard alone."""

from __future__ import annotations

from typing import Any, Protocol

MOST_TABS = 400
"""Steps after which something is taken to be out of reach."""
_BEFORE = """one => {
  const those = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(each => each.tabIndex >= 0 && !each.disabled && each.type !== "radio"
      && each.type !== "hidden" && each.checkVisibility({ visibilityProperty: true }));
  const from = those.indexOf(document.activeElement), to = those.indexOf(one);
  return Math.max(0, to - from - 1);
}"""
"""How many steps it takes at least, by the order of the page; they need no look at each."""


class Hand(Protocol):
    """What a person does with a page, whatever they do it with."""

    def follow(self, link: Any) -> None:
        """Follow a link."""

    def push(self, button: Any) -> None:
        """Push a button."""

    def tick(self, box: Any) -> None:
        """Put a tick, or take it away."""

    def choose(self, field: Any, value: str) -> None:
        """Choose a value of a list by what it reads."""

    def slide(self, lever: Any, steps: int) -> None:
        """Move a lever by so many steps."""

    def write(self, field: Any, text: str) -> None:
        """Write into a field."""


class Pointer:
    """A mouse, or a finger."""

    def follow(self, link: Any) -> None:
        link.click()

    push = tick = follow

    def choose(self, field: Any, value: str) -> None:
        field.select_option(label=value)

    def slide(self, lever: Any, steps: int) -> None:
        lever.scroll_into_view_if_needed()
        box = lever.bounding_box()
        lever.click(position={"x": box["width"] * (0.8 if steps > 0 else 0.2), "y": 8})

    def write(self, field: Any, text: str) -> None:
        field.fill(text)


class Keyboard:
    """The keyboard alone: whatever is to be reached is reached by the tab key, and seen to be."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def _reach(self, what: Any) -> None:
        what.wait_for()
        for _ in range(min(what.evaluate(_BEFORE), MOST_TABS)):
            self._page.keyboard.press("Tab")
        for _ in range(MOST_TABS):
            if what.evaluate("one => one === document.activeElement"):
                break
            self._page.keyboard.press("Tab")
        else:
            raise AssertionError(f"the tab key does not reach {what}")
        seen = what.evaluate(
            "one => { const s = getComputedStyle(one); return s.outlineStyle !== 'none'"
            " && parseFloat(s.outlineWidth) >= 2; }"
        )
        assert seen, f"that {what} has the focus is not seen"

    def follow(self, link: Any) -> None:
        self._reach(link)
        self._page.keyboard.press("Enter")

    def push(self, button: Any) -> None:
        self._reach(button)
        self._page.keyboard.press("Space")

    tick = push

    def choose(self, field: Any, value: str) -> None:
        self._reach(field)
        names = [one.strip() for one in field.locator("option").all_inner_texts()]
        now = field.evaluate("one => one.selectedIndex")
        step = names.index(value) - now
        for _ in range(abs(step)):
            self._page.keyboard.press("ArrowDown" if step > 0 else "ArrowUp")
        assert field.evaluate("one => one.selectedOptions[0].text.trim()") == value

    def slide(self, lever: Any, steps: int) -> None:
        self._reach(lever)
        for _ in range(abs(steps)):
            self._page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")

    def write(self, field: Any, text: str) -> None:
        self._reach(field)
        self._page.keyboard.press("Control+A")
        self._page.keyboard.type(text)
