"""Which passwords are refused, and why?"""

from datetime import UTC, datetime, timedelta

import pytest

from service.rules.passwords import PROFILES, expired, is_weak, problems

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("password", ["Correct-horse-42", "纸短情长Abc12345", "kX9!mmQz7w"])
def test_good_passwords_pass(password):
    assert problems(password, username="zhang.san", profile=PROFILES["mlps3"]) == []


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Ab1!", "至少 10 个字符"),
        ("onlylowercaseletters", "至少 3 类"),
        ("Zhang.San-2026x", "不得包含用户名"),
        ("Password@2026", "常见口令"),
        ("P@ssw0rd1234", "常见口令"),
        ("Admin!23456789", "常见口令"),
        ("x" * 129, "最多 128"),
    ],
)
def test_bad_passwords_are_refused_with_a_reason(password, words):
    found = problems(password, username="zhang.san", profile=PROFILES["mlps3"])
    assert any(words in problem.message for problem in found), found


@pytest.mark.parametrize("password", ["1234567890", "abcdefghij", "qwertyuiop", "aaaaaaaaaaaa", "1qaz2wsx3edc"])
def test_runs_and_repetitions_are_weak(password):
    assert is_weak(password)


def test_the_asvs_profile_wants_length_and_no_mixture():
    assert problems("ochre walnut ferry", username="x", profile=PROFILES["asvs"]) == []
    assert problems("Ab1!efghi", username="x", profile=PROFILES["asvs"])


def test_passwords_expire_after_ninety_days_in_the_chinese_profile():
    mlps3, asvs = PROFILES["mlps3"], PROFILES["asvs"]
    assert not expired(NOW - timedelta(days=90), profile=mlps3, at=NOW)
    assert expired(NOW - timedelta(days=91), profile=mlps3, at=NOW)
    assert not expired(NOW - timedelta(days=999), profile=asvs, at=NOW)
    assert expired(None, profile=asvs, at=NOW)
