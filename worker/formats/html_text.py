"""Text of a fragment of HTML, as Mastodon writes its statuses."""

import re
from html.parser import HTMLParser

_BREAKS = {"br": "\n", "p": "\n\n", "li": "\n", "div": "\n", "blockquote": "\n"}
_HIDDEN = {"script", "style"}


class _TextParser(HTMLParser):
    """Collects the text; entities are converted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (the base class's signature)
        """Break the line at paragraphs and the like."""
        self._hidden += tag in _HIDDEN
        self.parts.append(_BREAKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave hidden elements."""
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag == "p":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Keep the text; links stay whole, since the models know their words."""
        if not self._hidden:
            self.parts.append(data)


def text_of_html(html: str) -> str:
    r"""Return the text of a fragment, with a line for each of its lines.

    >>> text_of_html("<p>Fire &amp; smoke<br>near <a href='#'><span>Elk</span></a></p><p>Run</p>")
    'Fire & smoke\nnear Elk\nRun'
    """
    parser = _TextParser()
    parser.feed(html)
    parser.close()
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)
