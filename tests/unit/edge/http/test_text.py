"""Text for people may be in any script; what nobody can see, or what turns text, is kept out."""

import sys
import unicodedata

import pytest

from billing.edge.http.text import fault_of_text

MAX = 200


@pytest.mark.parametrize(
    "text",
    [
        "Acme Ltd",
        "株式会社\u3000アクメ",
        "Société\u00a0Générale",
        "می\u200cشود",
        "क्\u200dष",
        "\u200f\u05e9\u05dc\u05d5\u05dd (Acme)\u200e",
        "\N{FAMILY}\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}",
        "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "e\u0301",
        "\ue000",
        "soft\u00adhyphen",
        "n" * MAX,
    ],
    ids=[
        "Latin",
        "a full-width space",
        "a no-break space",
        "a zero-width non-joiner",
        "a zero-width joiner",
        "marks of direction",
        "a family of emoji",
        "a flag of tags",
        "a combining accent",
        "private use",
        "a soft hyphen",
        "the longest",
    ],
)
def test_a_name_in_any_script_is_taken(text: str) -> None:
    assert fault_of_text(text, length_max=MAX) is None


@pytest.mark.parametrize(
    "character",
    ["\x00", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\u2029",
     "\ud800", "\u0378", "\ufffe", "\U0010ffff",
     *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))],
    ids=lambda character: f"U{ord(character):04X}",
)  # fmt: skip
def test_a_character_that_is_none_for_people_is_refused_by_its_number(character: str) -> None:
    fault = fault_of_text(f"Acme{character}Ltd", length_max=MAX)

    assert fault is not None
    assert fault.startswith(f"has the character U+{ord(character):04X}; must not have")


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u00a0\u3000", "\u200b\u200c\u200d", "\ufeff", " \u200f "],
    ids=["nothing", "a space", "wide spaces", "zero-width ones", "a byte order mark", "a mark"],
)
def test_text_that_nobody_can_see_is_refused(text: str) -> None:
    assert fault_of_text(text, length_max=MAX) == "must have a character that can be seen"


def test_a_text_has_a_largest_length() -> None:
    assert fault_of_text("n" * (MAX + 1), length_max=MAX) == (
        "must not be longer than 200 characters"
    )


def test_every_letter_mark_digit_sign_and_space_of_unicode_is_taken() -> None:
    refused = {
        unicodedata.category(character)
        for character in map(chr, range(sys.maxunicode + 1))
        if fault_of_text(f"a{character}", length_max=MAX) is not None
    }
    # Of the format characters (Cf), those that turn text alone.
    assert refused == {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}
