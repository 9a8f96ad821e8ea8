"""Takes secrets out of whatever is written down, and leaves a keyed fingerprint in their place.

``<redacted:1f6e0c22>`` is the start of an HMAC under a salt that never leaves this user's data directory: equal
secrets still look equal (so the same command is the same trial), and a typed one can be checked, but none can be
read back or guessed elsewhere. Found are: values of options and variables whose names promise a secret, passwords in
addresses, tokens by their shape, private keys, and the values of the user's own secret variables. What only looks
random is touched beside a telling name alone. The usual short command line costs microseconds: nothing is compiled
until something in the text asks for it.
"""

from __future__ import annotations

import os

from kleio.capture.secrets.names import CLUES, is_secret, looks_random, strength
from kleio.capture.secrets.patterns import PATTERNS, PEM, PEM_LINE, PEM_MARK, RANDOM, expression, rules_for
from kleio.capture.secrets.programs import PROGRAMS, secret_words
from kleio.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from re import Match
    from typing import Any

SALT_FILE = "salt"
SALT_SIZE = 32
PREFIX = "<redacted:"
LEAST = 6
"""Shorter values of the user's variables are not searched for: they occur by chance."""
COMMON = frozenset("password secret changeme default localhost example unknown disabled enabled testing".split())

NAME = r"(?<![\w.-])(?P<name>-{0,2}[A-Za-z_][\w.-]{0,80})"
QUOTED = NAME + r"[\"']?\]?\s{0,8}(?:[:=]|=>|:=)\s{0,8}(?P<q>[\"'])(?P<s>[^\"'\s]{4,2000})(?P=q)"
PLAIN = NAME + r"=(?P<s>[^\s\"'&;|,()\[\]{}<>`$]{4,2000})(?=[\s\"'&;|,)`]|\Z)"
COLON = r"(?m)^[+\- ]?\s{0,40}(?P<name>[A-Za-z_][\w-]{0,80}):[ \t]{1,8}(?P<s>[^\s\"'#{}\[\],]{6,2000})[ \t]*$"
OPTION = r"(?<![\w-])(?P<name>--?[A-Za-z][\w.-]{1,80})[ \t]+(?P<s>[^\s\"'&;|,()-][^\s\"'&;|,()]{3,2000})"
SHAPES = (QUOTED, PLAIN, COLON, OPTION)
BINARY = r"(?m)^GIT binary patch\n(?:.*\n)*?(?=diff --git |\Z)"


class Redactor:
    """Replaces secrets by fingerprints under one salt.

    ``environ`` is where the user's own secrets are looked up; the process's environment by default.
    """

    def __init__(self, salt: bytes, environ: Mapping[str, str] | None = None) -> None:
        self._salt = salt
        self._known = _values(os.environ if environ is None else environ)

    def fingerprint(self, secret: str) -> str:
        """What stands for ``secret``."""
        if secret.startswith(PREFIX):
            return secret
        from hmac import digest

        return f"{PREFIX}{digest(self._salt, secret.encode('utf-8', 'surrogatepass'), 'sha256').hex()[:8]}>"

    def matches(self, fingerprint: str, value: str) -> bool:
        """Whether ``fingerprint`` stands for ``value``."""
        from hmac import compare_digest

        return compare_digest(self.fingerprint(value).encode(), fingerprint.encode("utf-8", "surrogatepass"))

    def redact_argv(self, argv: Sequence[str]) -> tuple[str, ...]:
        """The command line, word for word, without its secrets."""
        line = "\0".join(argv)
        if not self._suspicious(line) and not any(program in line for program in PROGRAMS):
            return tuple(argv)
        result = []
        special = secret_words(argv)
        name = ""
        for position, word in enumerate(argv):
            if position in special:
                start, end = special[position]
                result.append(word[:start] + self.fingerprint(word[start:end]) + word[end:])
                name = ""
                continue
            option = position > 0 and len(word) > 1 and word[0] == "-"
            if name and not (option and strength(word)) and not word.startswith("--") and is_secret(name, word):
                result.append(self.fingerprint(word))
            else:
                result.append(self._word(word))
            name = word if option and "=" not in word else ""
        return tuple(result)

    def redact_text(self, text: str) -> str:
        """Any text without its secrets."""
        if not self._suspicious(text):
            return text
        text = self._known_values(text)
        for rule in rules_for(text):
            replace = self._replace_random if rule in RANDOM else self._replace
            text = expression(PATTERNS[rule]).sub(replace, text)
        if PEM_MARK in text:
            text = expression(PEM).sub(self._replace_key, text)
        return "\n".join(self._line(line) for line in text.split("\n"))

    def redact_bytes(self, data: bytes) -> bytes:
        """A patch or a source file without its secrets; binary parts of a patch are left alone."""
        text = data.decode("utf-8", "surrogateescape")
        if "GIT binary patch\n" not in text:
            return self.redact_text(text).encode("utf-8", "surrogateescape")
        pieces, end = [], 0
        for match in expression(BINARY).finditer(text):
            pieces += [self.redact_text(text[end : match.start()]), match.group()]
            end = match.end()
        return "".join([*pieces, self.redact_text(text[end:])]).encode("utf-8", "surrogateescape")

    def redact_url(self, url: str) -> str:
        """An address without the password or token in it."""
        return self.redact_text(url)

    def redact_value(self, name: str, value: Any) -> Any:
        """A named value of a configuration, however nested, without its secrets."""
        if isinstance(value, str):
            return self.fingerprint(value) if is_secret(name, value) else self.redact_text(value)
        if isinstance(value, dict):
            return {key: self.redact_value(str(key), inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.redact_value(name, inner) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool) and is_secret(name, str(value)):
            return self.fingerprint(str(value))
        return value

    def _suspicious(self, text: str) -> bool:
        if any(value in text for value in self._known) or rules_for(text) or PEM_MARK in text:
            return True
        lower = text.lower()
        return any(clue in lower for clue in CLUES)

    def _word(self, word: str) -> str:
        name, equals, value = word.partition("=")
        if equals and name and "\n" not in name and " " not in name and is_secret(name.rsplit(":", 1)[-1], value):
            return name + equals + self.fingerprint(value)
        return self.redact_text(word)

    def _line(self, line: str) -> str:
        if len(line) < LEAST or not any(mark in line for mark in "=: "):
            return line
        lower = line.lower()
        if any(clue in lower for clue in CLUES):
            for shape in SHAPES:
                line = expression(shape).sub(self._replace_named, line)
        return line

    def _known_values(self, text: str) -> str:
        present = [value for value in self._known if value in text]
        if present:
            import re

            longest = "|".join(re.escape(value) for value in sorted(present, key=len, reverse=True))
            pattern = rf"(?<![A-Za-z0-9_])(?:{longest})(?![A-Za-z0-9_])"
            text = re.sub(pattern, lambda match: self.fingerprint(match.group()), text)
        return text

    def _replace_random(self, match: Match[str]) -> str:
        return self._replace(match) if looks_random(match.groupdict().get("s") or match.group()) else match.group()

    def _replace(self, match: Match[str]) -> str:
        secret = match.groupdict().get("s") or match.group()
        if PREFIX in secret:
            return match.group()
        start = match.start("s") - match.start() if "s" in match.groupdict() else 0
        return match.group()[:start] + self.fingerprint(secret) + match.group()[start + len(secret) :]

    def _replace_named(self, match: Match[str]) -> str:
        name, value = match["name"], match["s"]
        if PREFIX in value or not is_secret(name, value) or _is_code(name, value):
            return match.group()
        return self._replace(match)

    def _replace_key(self, match: Match[str]) -> str:
        body = expression(PEM_LINE).sub(lambda line: line[1] + self.fingerprint(line[2]), match["s"])
        return match.group().replace(match["s"], body)


def load_redactor(data: str, environ: Mapping[str, str] | None = None) -> Redactor:
    """The redactor of this user, whose salt is made at first use.

    Without a directory that can be written the salt lasts as long as the process: secrets stay hidden, but equal ones
    of two runs look different. Raises ``SettingsError`` if the salt file is damaged.
    """
    path = os.path.join(data, SALT_FILE)
    try:
        salt = _read_salt(path) if data else os.urandom(SALT_SIZE)
    except FileNotFoundError:
        try:
            salt = _make_salt(path)
        except OSError:
            salt = os.urandom(SALT_SIZE)
    except OSError:
        salt = os.urandom(SALT_SIZE)
    return Redactor(salt, environ)


def _read_salt(path: str) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        salt = file.read(SALT_SIZE + 1)
    if len(salt) != SALT_SIZE:
        raise SettingsError(
            f"the salt of secret fingerprints is damaged: {path}",
            hint="remove the file; kleio makes a new one, and commands with secrets become new trials",
        )
    return salt


def _make_salt(path: str) -> bytes:
    """Write a new salt whole, or take the one that another process wrote at the same moment."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(os.urandom(SALT_SIZE))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        return _read_salt(path)
    finally:
        os.unlink(temporary)


def _values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of variables whose names promise a secret, unless they occur everywhere."""
    found = set()
    for name, value in environ.items():
        if len(value) >= LEAST and (strength(name) == 2 or name.upper().endswith("KEY")) and _is_telling(value):
            found.add(value)
    return tuple(sorted(found))


def _is_telling(value: str) -> bool:
    if value.lower() in COMMON or value.startswith(("/", "~", "$", "./", PREFIX)):
        return False
    return not (len(value) < 8 and (value.isdigit() or (value.isalpha() and value.islower())))


def _is_code(name: str, value: str) -> bool:
    """Whether source text only refers to a secret: ``token = config.token``, ``"token": "input_ids"``."""
    if value.replace("_", "").replace(".", "").replace("-", "").isalpha() and value == value.lower():
        return "." in value or "pass" not in name.lower()
    return False


def secret_variables(names: Iterable[str]) -> frozenset[str]:
    """The names of variables whose values must not be recorded."""
    return frozenset(name for name in names if strength(name) or name.upper().endswith(("KEY", "JWT", "CREDENTIALS")))
