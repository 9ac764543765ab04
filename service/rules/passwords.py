"""Which passwords are good enough? Two profiles: graded protection level 3 (等保三级) and OWASP ASVS."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from forms.problem import Problem

#: Longer texts are refused before any costly hashing.
LONGEST = 128


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an installation asks of passwords."""

    code: str
    shortest: int
    #: Of lower case, upper case, digits, other characters.
    classes: int
    #: A password must be changed after this time; None: never by age alone.
    greatest_age: timedelta | None
    #: This many last passwords may not come back.
    remembered: int
    source: str


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "mlps3": Profile(
            code="mlps3",
            shortest=10,
            classes=3,
            greatest_age=timedelta(days=90),
            remembered=5,
            source="GB/T 22239-2019 8.1.4 身份鉴别",
        ),
        "asvs": Profile(
            code="asvs",
            shortest=12,
            classes=1,
            greatest_age=None,
            remembered=0,
            source="OWASP ASVS 5.0 V6.2",
        ),
    }
)

#: Words on which the most used passwords are built; digits and signs around them do not help.
WEAK_WORDS = frozenset(
    [
        "password",
        "passwd",
        "passw",
        "pass",
        "word",
        "admin",
        "administrator",
        "root",
        "user",
        "login",
        "welcome",
        "letmein",
        "qwerty",
        "qwertyuiop",
        "asdfgh",
        "asdfghjkl",
        "zxcvbn",
        "zxcvbnm",
        "qazwsx",
        "qazwsxedc",
        "iloveyou",
        "woaini",
        "woaiwojia",
        "dragon",
        "monkey",
        "master",
        "superman",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "abc",
        "abcd",
        "abcdef",
        "abcabc",
        "test",
        "testtest",
        "demo",
        "guest",
        "changeme",
        "secret",
        "default",
        "jiheng",
        "jixiao",
        "caizheng",
        "caizhengju",
        "mima",
        "huanying",
        "zhongguo",
        "beijing",
        "shanghai",
        "shandong",
        "jinan",
        "gangcheng",
    ]
)
#: ASCII other than lower-case letters; what is written in Chinese counts.
_SIGNS = re.compile(r"[\x00-\x60\x7b-\x7f]+")
_LEET = str.maketrans("013457@$!", "oieastasi")
_RUNS = (
    "01234567890",
    "09876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc",
)


def problems(password: str, *, username: str, profile: Profile) -> list[Problem]:
    """Everything that is wrong with a new password, all at once.

    Args:
        password: as typed.
        username: name of its owner, which it may not contain.
        profile: one of `PROFILES`.

    Returns:
        Problems with field `new_password`; empty if the password is good enough.

    Source:
        GB/T 22239-2019 level 3, 8.1.4 (unconfirmed, quoted at second hand); OWASP ASVS 5.0 V6.2.
    """
    texts = []
    if len(password) < profile.shortest:
        texts.append(f"口令至少 {profile.shortest} 个字符，现为 {len(password)} 个，请加长。")
    if len(password) > LONGEST:
        texts.append(f"口令最多 {LONGEST} 个字符，请缩短。")
    if classes(password) < profile.classes:
        texts.append(f"口令须包含小写字母、大写字母、数字、其他符号中的至少 {profile.classes} 类，请补充。")
    if username and username.lower() in password.lower():
        texts.append("口令不得包含用户名，请更换。")
    if is_weak(password):
        texts.append("口令是常见口令或简单变化，容易被猜到，请更换。")
    return [Problem(field="new_password", message=text, severity="error", source=profile.source) for text in texts]


def classes(password: str) -> int:
    """How many of the four classes a password uses: lower case, upper case, digits, everything else."""
    tests = (str.islower, str.isupper, str.isdigit, lambda sign: not (sign.isascii() and sign.isalnum()))
    return sum(any(test(sign) for sign in password) for test in tests)


def is_weak(password: str) -> bool:
    """Whether a password is a well-known one, a run of keys or a repetition, however dressed up."""
    plain = password.lower()
    stripped = {_SIGNS.sub("", plain), _SIGNS.sub("", plain.translate(_LEET))}
    stripped.add(_SIGNS.sub("", plain.strip("0123456789!@#$%^&*()_+-=.,?").translate(_LEET)))
    if stripped & WEAK_WORDS or len(set(plain)) < 4:
        return True
    kernel = re.sub(r"[^a-z0-9]+", "", plain)
    return bool(kernel) and any(kernel in run * 2 for run in _RUNS)


def expired(set_at: datetime | None, *, profile: Profile, at: datetime) -> bool:
    """Whether a password is too old (定期更换); one never set by its owner counts as too old."""
    if set_at is None:
        return True
    return profile.greatest_age is not None and at - set_at > profile.greatest_age
