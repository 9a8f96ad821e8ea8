"""Which names promise a secret: ``api_key`` and ``DB_PASSWORD`` do, ``max_tokens`` and ``key_size`` do not.

A name is cut into words; its last words decide. A strong name makes its value a secret; beside a weak one (``key``,
``auth``) the value must also look random.
"""

from __future__ import annotations

STRONG = frozenset(
    "password passwd passphrase secret secrets token apikey apisecret apitoken credential credentials authtoken "
    "accesstoken accesskey secretkey privatekey bearertoken clientsecret jwt pat passcode pwd".split()
)
"""Last words that make any value a secret."""
STRONG_PAIRS = frozenset(
    "api key|access key|secret key|private key|auth key|signing key|encryption key|account key|storage key|"
    "client key|service key|master key|license key|licence key|deploy key|subscription key|admin key|sas key|"
    "webhook secret|bearer auth|basic auth|connection string".split("|")
)
WEAK = frozenset("key keys auth pass pw cookie session sig signature bearer salt authorization dsn sas".split())
"""Last words whose value is a secret if it looks random."""
SUFFIXES = (
    "password", "passwd", "passphrase", "apikey", "secretkey", "accesskey", "privatekey", "authtoken", "accesstoken",
    "authkey", "apitoken", "clientsecret", "apisecret", "credential", "credentials",
)  # fmt: skip
"""Words run together end like this."""
NOT_BEFORE_TOKEN = frozenset(
    "max min num n no number eos bos pad unk mask cls sep special image video audio start end stop first last per "
    "next prev bot eot new extra added trigger target source decoder encoder forced prompt time patch word sub "
    "class register visual text speech label query count total budget mean avg average drop keep placeholder "
    "think thinking instance concept init initializer system user assistant blank space newline".split()
)
"""Before ``token`` these speak of language models, not of access."""
NOT_BEFORE_SECRET = frozenset("no not is has use without is_a require requires show hide print mask".split())
TRIVIAL = frozenset("true false yes no none null on off auto default required optional".split()) | {"", "0", "1", "-"}
"""Values that are no secret whatever they are called."""

CLUES = (
    "pass", "pwd", "secret", "token", "key", "cred", "auth", "jwt", "pat", "pw", "cookie", "sess", "sig", "bearer",
    "salt", "sas", "dsn", "connection",
)  # fmt: skip
"""Every secret-like name holds one of these: a quick look before a slow one."""


def words_of(name: str) -> list[str]:
    """``--dbPassword-x`` → ``["db", "password", "x"]``."""
    words: list[str] = []
    current = ""
    for position, letter in enumerate(name):
        if not letter.isalnum():
            words.append(current)
            current = ""
            continue
        after_small = current and letter.isupper() and name[position - 1].islower()
        if after_small or (current and letter.isupper() and name[position + 1 : position + 2].islower()):
            words.append(current)
            current = ""
        current += letter.lower()
    return [word for word in [*words, current] if word]


def strength(name: str) -> int:
    """2 if a value of this name is a secret, 1 if a random-looking one is, 0 if the name says nothing."""
    lower = name.lower()
    if not any(clue in lower for clue in CLUES):
        return 0
    words = words_of(name)
    if not words:
        return 0
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last.isdigit() and before:
        last, before = before, words[-3] if len(words) > 2 else ""
    last = last.rstrip("0123456789") or last
    if last == "token" and (before in NOT_BEFORE_TOKEN or before.isdigit()):
        return 0
    if before in NOT_BEFORE_SECRET and last not in ("token",):
        return 0
    if last in STRONG or f"{before} {last}" in STRONG_PAIRS or last.endswith(SUFFIXES):
        return 1 if last in ("pwd", "pat") and len(words) == 1 else 2
    return 1 if last in WEAK else 0


def is_secret(name: str, value: str) -> bool:
    """Whether ``value``, given under ``name``, must not be written down."""
    if value.lower() in TRIVIAL or value.startswith("<redacted:"):
        return False
    level = strength(name)
    if level == 2:
        return not _harmless(name, value)
    return level == 1 and looks_random(value)


def _harmless(name: str, value: str) -> bool:
    """A value that cannot be one: a small number as a token, a reference to a variable, a special token, a path."""
    if value.isdigit() and len(value) < 6:
        return not name.lower().rstrip("_0123456789").endswith(("word", "wd", "pass", "phrase", "code", "secret"))
    if value[0] == "$" or (value[0] in "<[{" and value[-1] in ">]}"):
        return True
    return value.startswith(("./", "../", "~/", "@/", "file:")) or (value[0] == "/" and value.count("/") > 1)


def looks_random(value: str) -> bool:
    """Whether the value looks made by a machine to be unguessable."""
    if len(value) < 16 or " " in value or "/" in value[:2]:
        return False
    digits = sum(letter.isdigit() for letter in value)
    letters = sum(letter.isalpha() for letter in value)
    if digits < 2 or letters < 2 or digits + letters < len(value) * 0.8:
        return False
    return len(set(value)) >= (8 if len(value) < 24 else 10) and entropy(value) > 3.0


def entropy(value: str) -> float:
    """Shannon's entropy in bits a character."""
    from math import log2

    counts = [value.count(letter) for letter in set(value)]
    return -sum(count / len(value) * log2(count / len(value)) for count in counts)
