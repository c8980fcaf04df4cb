"""Text for people, such as names and descriptions: one rule for every field that takes it."""

import unicodedata

# Controls, halves of surrogate pairs, what Unicode does not know, and separators of lines and
# paragraphs. Characters for private use stay: names of people and places are written with them.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})

# They turn what stands around them, so that a name is shown as another one; the marks of direction,
# which scripts from right to left need, turn nothing but themselves.
_TURNING = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))

# What leaves no trace where it stands alone: spaces of any width, joiners and other format.
_UNSEEN_CATEGORIES = frozenset({"Zs", "Cf"})


def fault_of_text(text: str, *, length_max: int) -> str | None:
    """Tell what is wrong with a text, None where nothing is."""
    if len(text) > length_max:
        return f"must not be longer than {length_max} characters"
    if all(unicodedata.category(character) in _UNSEEN_CATEGORIES for character in text):
        return "must have a character that can be seen"
    refused = next((character for character in text if _is_refused(character)), None)
    if refused is None:
        return None
    return (
        f"has the character U+{ord(refused):04X}; must not have control characters, line "
        "separators, characters that turn the direction of text, or unassigned ones"
    )


def _is_refused(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in _REFUSED_CATEGORIES
