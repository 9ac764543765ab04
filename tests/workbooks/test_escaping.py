"""Is every text written so that no spreadsheet runs it, and read back as it was?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.workbooks.escaping import escaped, literal, unescaped


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001 - these very signs
def test_a_sign_that_starts_a_formula_gets_an_apostrophe(sign):
    assert escaped(f"{sign}1") == f"'{sign}1"
    assert unescaped(f"'{sign}1") == f"{sign}1"


def test_a_control_character_cannot_hide_the_sign():
    assert escaped("\0=1") == "'=1"
    assert escaped("\x01=1") == "'=1"


def test_other_texts_stay_as_they_are():
    for text in ("", "培训", "a=b", "'引号", "1-2", "'"):
        assert escaped(text) == unescaped(text) == text


def test_halves_of_characters_and_signs_xml_cannot_hold_are_dropped():
    assert escaped("甲\ud800\ufffe\x0b乙") == "甲乙"


def test_what_spreadsheets_would_decode_is_written_out():
    assert literal("_x0041_") == "_x005F_x0041_"
    assert literal("a_x_b") == "a_x_b"


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), include_characters="='+-@\t\n"), max_size=40))
def test_every_text_comes_back(text):
    assert unescaped(escaped(text)) == text
