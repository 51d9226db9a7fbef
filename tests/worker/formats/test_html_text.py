"""HTML to text."""

import pytest

from worker.formats.html_text import text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a &lt; b &amp;amp; c&nbsp;d &#128293;</p>", "a < b &amp; c d \U0001f525"),
        ("<p>one</p><p>two<br/>three</p>", "one\ntwo\nthree"),
        ('see <a href="https://x.org/abc"><span class="invisible">https://</span><span>x.org/abc</span></a>',
         "see https://x.org/abc"),
        ("<script>alert(1)</script><style>p{}</style>left", "left"),
        ("<p>not closed <b>bold", "not closed bold"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_text_of_html(html: str, text: str) -> None:
    """Tags go, entities become characters, links stay whole, paragraphs are lines."""
    assert text_of_html(html) == text
