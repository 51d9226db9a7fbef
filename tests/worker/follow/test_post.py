"""Filters."""

import pytest

from worker.follow.post import Filter, Post


@pytest.mark.parametrize(
    ("keywords", "languages", "chosen"),
    [
        (None, None, True), ("FIRE", None, True), ("flood, fire", None, True), ("flood", None, False),
        (None, "en", True), (None, "de", False), (None, "EN-us", True), (None, "e", False), ("fire", "de", False),
        (" , ", "", True),
    ],
)  # fmt: skip
def test_a_post_must_match_one_item_of_each_list(keywords: str | None, languages: str | None, chosen: bool) -> None:
    """Case does not count, and a language includes its regions."""
    post = Post("a", b"a", 1, 1, "Forest Fire", ("en-US",), b"")
    assert Filter.parse(keywords, languages).chooses(post) is chosen
