"""HTML, MarkdownV2, Markdown and given entities, read as Telegram reads them."""

import contextlib
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.helpers import escape_markdown

from emulator.entities import FormattedText, formatted
from emulator.errors import BotApiError
from emulator.objects import Json, JsonObject

# From the Bot API's documentation, "Formatting options".
MARKDOWN = r"""*bold \*text*
_italic \*text_
__underline__
~strikethrough~
||spoiler||
*bold _italic bold ~italic bold strikethrough ||italic bold strikethrough spoiler||~ __underline italic bold___ bold*
[inline URL](http://www.example.com/)
[inline mention of a user](tg://user?id=123456789)
![👍](tg://emoji?id=5368324170671202286)
`inline fixed-width code`
```python
code
```
>Block quotation started
>The last line of the block quotation
**>The expandable block quotation started right after the previous block quotation
>The last line of the expandable block quotation with the expandability mark||"""
MARKDOWN_PIECES = [
    ("bold", "bold *text"),
    ("italic", "italic *text"),
    ("underline", "underline"),
    ("strikethrough", "strikethrough"),
    ("spoiler", "spoiler"),
    (
        "bold",
        "bold italic bold italic bold strikethrough italic bold strikethrough spoiler underline italic bold bold",
    ),
    ("italic", "italic bold italic bold strikethrough italic bold strikethrough spoiler underline italic bold"),
    ("strikethrough", "italic bold strikethrough italic bold strikethrough spoiler"),
    ("spoiler", "italic bold strikethrough spoiler"),
    ("underline", "underline italic bold"),
    ("text_link", "inline URL"),
    ("text_mention", "inline mention of a user"),
    ("custom_emoji", "👍"),
    ("code", "inline fixed-width code"),
    ("pre", "code\n"),
    ("blockquote", "Block quotation started\nThe last line of the block quotation\n"),
    (
        "expandable_blockquote",
        """The expandable block quotation started right after the previous block quotation
The last line of the expandable block quotation with the expandability mark""",
    ),
]
HTML = """<strong>bold</strong> <em>italic</em> <ins>underline</ins> <del>strike</del> <strike>strike</strike>
<span class="tg-spoiler">spoiler</span> <b>bold <i>italic <u>all</u></i></b> <a href='tg://user?id=1'>Eva</a>
<a href="http://example.com/?a=1&amp;b=2">link</a> <tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>
<pre><code class="language-python">code</code></pre> <pre>plain</pre> <code>fixed</code>
<blockquote>quoted</blockquote>
<blockquote expandable>long</blockquote>"""
HTML_PIECES = [
    ("bold", "bold"),
    ("italic", "italic"),
    ("underline", "underline"),
    ("strikethrough", "strike"),
    ("strikethrough", "strike"),
    ("spoiler", "spoiler"),
    ("bold", "bold italic all"),
    ("italic", "italic all"),
    ("underline", "all"),
    ("text_mention", "Eva"),
    ("text_link", "link"),
    ("custom_emoji", "👍"),
    ("pre", "code"),
    ("pre", "plain"),
    ("code", "fixed"),
    ("blockquote", "quoted"),
    ("expandable_blockquote", "long"),
]


def piece(text: str, entity: JsonObject) -> str:
    """What an entity covers, counted in UTF-16 as clients do."""
    units = text.encode("utf-16-le")
    return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")


def pieces(message: FormattedText) -> list[tuple[str, str]]:
    return [(entity["type"], piece(message.text, entity)) for entity in message.entities]


def refusal(text: str, mode: str) -> str:
    with pytest.raises(BotApiError) as caught:
        formatted(text, mode, None)
    return caught.value.description


def test_markdown_of_the_documentation_is_understood() -> None:
    message = formatted(MARKDOWN, "MarkdownV2", None)
    assert pieces(message) == MARKDOWN_PIECES
    arguments = [entity for entity in message.entities if len(entity) > 3]
    assert [entity.get("url") or entity.get("language") for entity in arguments if "user" not in entity] == [
        "http://www.example.com/",
        None,
        "python",
    ]


def test_html_of_the_documentation_is_understood() -> None:
    message = formatted(HTML, "HTML", None)
    assert pieces(message) == HTML_PIECES
    assert next(e["url"] for e in message.entities if e["type"] == "text_link") == "http://example.com/?a=1&b=2"
    assert next(e["language"] for e in message.entities if e["type"] == "pre") == "python"


def test_character_references_are_decoded_where_telegram_knows_them() -> None:
    assert formatted("&lt;&amp;&gt;&quot; &#128512;&#x1F600 &nbsp;&#0;&", "HTML", None).text == '<&>" 😀😀 &nbsp;&#0;&'
    assert "unmatched surrogate code units" in refusal("&#xD83D;", "HTML")


def test_offsets_count_utf16_code_units() -> None:
    message = formatted("👍👍 <b>é</b>", "HTML", None)
    assert message.entities == [{"offset": 5, "length": 1, "type": "bold"}]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("é<x>", 'Unsupported start tag "x" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x_y>z</a>", "Unexpected end of name token at byte offset 8"),
        ("<tg-emoji emoji-id=x>y</tg-emoji>", "Invalid custom emoji identifier specified"),
    ],
)
def test_broken_html_is_refused_with_the_place(text: str, complaint: str) -> None:
    assert refusal(text, "HTML") == f"Bad Request: can't parse entities: {complaint}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("|x", "Character '|' is reserved and must be escaped with the preceding '\\'"),
        ("a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        ("wow!", "Character '!' is reserved and must be escaped with the preceding '\\'"),
        ("é_a", "Can't find end of Italic entity at byte offset 2"),
        ("__a_", "Can't find end of Italic entity at byte offset 3"),
        ("*a `b* c`", "Can't find end of Bold entity at byte offset 0"),
        ("```py\nx", "Can't find end of PreCode entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 4"),
        ("![a]", "Custom emoji entity must contain a tg://emoji URL"),
        (">a\n>*b\nc", "Can't find end of Bold entity at byte offset 4"),
    ],
)
def test_broken_markdown_is_refused_with_the_place(text: str, complaint: str) -> None:
    assert refusal(text, "MarkdownV2") == f"Bad Request: can't parse entities: {complaint}"


def test_older_markdown_is_understood() -> None:
    message = formatted("*b* _i_ `c` [u](http://x.y/z) ```py\ncode``` \\_ 2.5!", "Markdown", None)
    assert message.text == "b i c u code _ 2.5!"
    assert [kind for kind, _ in pieces(message)] == ["bold", "italic", "code", "text_link", "pre"]
    assert refusal("*b", "Markdown").endswith("Can't find end of the entity starting at byte offset 0")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<b>one</b><b>two</b>", [("bold", "onetwo")]),
        ("<code><b>x</b></code>", [("code", "x")]),
        ('<a href="x.org"><code>x</code></a>', [("code", "x")]),
        ('<a href="x.org">a <code>x</code></a>', [("text_link", "a x")]),
        ("<b> x </b>y", [("bold", "x ")]),
        ("<b> </b>x", []),
        ('<a href="javascript:alert(1)">x</a>', []),
        ("see <b>https://example.org/a</b>.", [("url", "https://example.org/a"), ("bold", "https://example.org/a")]),
        ("<code>/start</code> /help", [("code", "/start"), ("bot_command", "/help")]),
    ],
)
def test_entities_are_merged_cut_and_cleaned(source: str, expected: list[tuple[str, str]]) -> None:
    assert pieces(formatted(source, "HTML", None)) == expected


def test_white_space_around_the_text_goes_and_entities_move_along() -> None:
    message = formatted("\n  a\r\n<b>b</b> \n", "HTML", None)
    assert (message.text, pieces(message)) == ("a\nb", [("bold", "b")])


def test_plain_text_gets_the_entities_that_telegram_finds() -> None:
    text = "/start@some_bot a/b www.example.org, me@example.org @somebody #skin #1 http://x.y/(z)"
    assert pieces(formatted(text, "", None)) == [
        ("bot_command", "/start@some_bot"),
        ("url", "www.example.org"),
        ("email", "me@example.org"),
        ("mention", "@somebody"),
        ("hashtag", "#skin"),
        ("url", "http://x.y/(z"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see praxis.de.", ["praxis.de"]),
        ("(haut-praxis.example.org)", ["haut-praxis.example.org"]),
        ("t.me/some_bot?start=x, EXAMPLE.COM:8080/", ["t.me/some_bot?start=x", "EXAMPLE.COM:8080/"]),
        ("is it example.org?", ["example.org"]),
        ("me@example.org @some.de a.de@b.org", []),
        ("It itches.It bleeds, spot.jpg, 3.5 mm, example.org.local", []),
    ],
)
def test_names_of_web_sites_are_found_by_how_they_end(text: str, found: list[str]) -> None:
    assert [words for kind, words in pieces(formatted(text, "", None)) if kind == "url"] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("(/help)", ["/help"]), ("a /help, b", ["/help"]), ("</b", []), ("/help>", []), ("/help/me", []), ("//help", [])],
)
def test_command_does_not_touch_a_word_a_slash_or_a_sharp_bracket(text: str, found: list[str]) -> None:
    assert [words for kind, words in pieces(formatted(text, "", None)) if kind == "bot_command"] == found


def test_given_entities_are_taken_over() -> None:
    entities: list[JsonObject] = [
        {"type": "bold", "offset": 0, "length": 2},
        {"type": "text_link", "offset": 3, "length": 1, "url": "https://x.y/"},
        {"type": "date_time", "offset": 5, "length": 1, "unix_time": 1_795_000_000, "date_time_format": "wD"},
        {"type": "date_time", "offset": 7, "length": 1, "unix_time": 0},
        {"type": "url", "offset": 0, "length": 2},
    ]
    assert formatted("👍 x y z", "", [*entities]).entities == entities[:4]


@pytest.mark.parametrize(("count", "shown"), [(100, 100), (101, 100)])
def test_of_the_entities_of_a_message_a_hundred_are_shown(count: int, shown: int) -> None:
    message = formatted("<b>x</b> " * count + "/help", "HTML", None)
    assert pieces(message) == [("bold", "x")] * shown + [("bot_command", "/help")]


@pytest.mark.parametrize(
    ("entity", "complaint"),
    [
        ("bold", "can't parse MessageEntity: expected an Object"),
        ({"type": "bold", "offset": 0}, "can't parse MessageEntity: Can't find field \"length\""),
        ({"type": "bold", "offset": "0", "length": 1}, 'Field "offset" must be of type Number'),
        ({"type": "loud", "offset": 0, "length": 1}, "Unsupported type specified"),
        ({"type": "text_link", "offset": 0, "length": 2}, 'Can\'t find field "url"'),
        ({"type": "text_link", "offset": 0, "length": 2, "url": "moles"}, "entity URL 'moles' is invalid"),
        ({"type": "text_link", "offset": 0, "length": 2, "url": "ftp://x.org"}, "URL 'ftp://x.org' is invalid"),
        ({"type": "text_link", "offset": 0, "length": 2, "url": "http://intranet/x"}, "URL 'http://intranet/x' is"),
        ({"type": "date_time", "offset": 0, "length": 2}, 'Can\'t find field "unix_time"'),
        ({"type": "bold", "offset": -1, "length": 1}, "incorrect offset"),
        ({"type": "bold", "offset": 0, "length": 9}, "ends after the end of the text at UTF-16 offset 9"),
        ({"type": "bold", "offset": 1, "length": 1}, "in a middle of a UTF-16 symbol"),
    ],
)
def test_wrong_given_entity_is_refused(entity: Json, complaint: str) -> None:
    with pytest.raises(BotApiError) as caught:
        formatted("👍 x", "", [entity])
    assert complaint in caught.value.description


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_escaped_text_comes_through_unchanged(text: str) -> None:
    expected = text.strip(" \n")
    assert formatted(html.escape(text), "HTML", None).text == expected
    assert formatted(escape_markdown(text, version=2), "MarkdownV2", None).text == expected


@given(
    st.text(st.sampled_from("ab👍 \n\\<>/=\"'&;*_~|`[]()!>#tgspancodepreb")), st.sampled_from(["HTML", "MarkdownV2"])
)
def test_any_text_is_understood_or_refused_and_entities_lie_inside(text: str, mode: str) -> None:
    message = FormattedText("", [])
    with contextlib.suppress(BotApiError):
        message = formatted(text, mode, None)
    assert all(piece(message.text, entity).strip(" \n") for entity in message.entities)
