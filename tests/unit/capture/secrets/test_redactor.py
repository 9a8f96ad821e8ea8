"""Secrets never survive, harmless words always do.

The corpus is made by rules, and tokens are put together from parts, so that no line of this file looks like one.
"""

from __future__ import annotations

import os
import random
import re
import string
import threading
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kleio.capture.secrets.patterns import RULES
from kleio.capture.secrets.redactor import PREFIX, Redactor, load_redactor, secret_variables
from kleio.errors import SettingsError

SALT = b"s" * 32
RANDOM = random.Random(20190528)
UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
ALNUM = UPPER + LOWER + DIGITS
HEX = "0123456789abcdef"


def some(letters: str, length: int) -> str:
    """Random letters, always with digits among them if there may be."""
    text = [RANDOM.choice(letters) for _ in range(length)]
    if "2" in letters:
        for position in range(1, length, 4):
            text[position] = RANDOM.choice("234567")
    return "".join(text)


TOKENS: dict[str, str] = {
    "aws-access-key": "AK" + "IA" + some(UPPER + "234567", 16),
    "github-token": "gh" + "p_" + some(ALNUM, 36),
    "github-fine-grained": "github" + "_pat_" + some(ALNUM, 22) + "_" + some(ALNUM, 59),
    "gitlab": "gl" + "pat-" + some(ALNUM, 20),
    "slack-token": "xo" + "xb-" + some(DIGITS, 12) + "-" + some(ALNUM, 24),
    "slack-app": "xa" + "pp-1-A" + some(UPPER, 9) + "-" + some(DIGITS, 13) + "-" + some(HEX, 64),
    "slack-webhook": "/".join(["https:/", "hooks.slack.com", "services", *(some(ALNUM, size) for size in (9, 9, 30))]),
    "google-api": "AI" + "za" + some(ALNUM, 35),
    "google-oauth": "GOC" + "SPX-" + some(ALNUM, 28),
    "google-access": "ya" + "29." + some(ALNUM, 60),
    "sk": "s" + "k-proj-" + some(ALNUM, 48),
    "huggingface": "h" + "f_" + some(ALNUM, 34),
    "huggingface-org": "api" + "_org_" + some(ALNUM, 34),
    "stripe": "sk" + "_live_" + some(ALNUM, 24),
    "stripe-hook": "wh" + "sec_" + some(ALNUM, 32),
    "npm": "np" + "m_" + some(ALNUM, 36),
    "pypi": "py" + "pi-" + some(ALNUM, 80),
    "jwt": "ey" + "J" + some(ALNUM, 30) + ".ey" + "J" + some(ALNUM, 40) + "." + some(ALNUM, 43),
    "sendgrid": "S" + "G." + some(ALNUM, 22) + "." + some(ALNUM, 43),
    "mailgun": "ke" + "y-" + some(HEX, 32),
    "mailchimp": some(HEX, 32) + "-u" + "s12",
    "twilio": "S" + "K" + some(HEX, 32),
    "square": "sq" + "0atp-" + some(ALNUM, 22),
    "shopify": "sh" + "pat_" + some(HEX, 32),
    "digitalocean": "do" + "p_v1_" + some(HEX, 64),
    "doppler": "d" + "p.pt." + some(ALNUM, 43),
    "databricks": "da" + "pi" + some(HEX, 32),
    "vault": "hv" + "s." + some(ALNUM, 30),
    "vault-batch": "hv" + "b." + some(ALNUM, 60),
    "terraform": some(ALNUM, 14) + ".atl" + "asv1." + some(ALNUM, 64),
    "grafana": "gl" + "sa_" + some(ALNUM, 32) + "_" + some(HEX, 8),
    "grafana-cloud": "gl" + "c_" + some(ALNUM, 64),
    "newrelic": "NR" + "AK-" + some(UPPER + DIGITS, 27),
    "linear": "lin" + "_api_" + some(ALNUM, 40),
    "notion": "nt" + "n_" + some(ALNUM, 46),
    "postman": "PM" + "AK-" + some(HEX, 24) + "-" + some(HEX, 34),
    "replicate": "r" + "8_" + some(ALNUM, 37),
    "groq": "gs" + "k_" + some(ALNUM, 52),
    "xai": "xa" + "i-" + some(ALNUM, 80),
    "perplexity": "pp" + "lx-" + some(ALNUM, 48),
    "nvidia": "nv" + "api-" + some(ALNUM, 64),
    "neptune-comet": "loc" + "al-" + some(HEX, 40),
    "telegram": some(DIGITS, 9) + ":A" + "A" + some(ALNUM, 33),
    "discord-hook": "https://discord.com/api/web" + "hooks/" + some(DIGITS, 18) + "/" + some(ALNUM, 68),
    "azure-storage": "AccountName=x;Account" + "Key=" + some(ALNUM, 86) + "==;EndpointSuffix=y",
    "age": "AGE-SEC" + "RET-KEY-1" + some(UPPER + DIGITS, 58),
    "atlassian": "ATA" + "TT3" + some(ALNUM, 100),
    "bearer": "Bea" + "rer " + some(ALNUM, 40),
    "authorization": "Author" + "ization: Basic " + some(ALNUM, 20) + "==",
    "basic-userinfo": "https://me:" + some(ALNUM, 12) + "@example.org/x",
    "token-userinfo": "https://" + some(ALNUM, 40) + "@example.org/x",
}
PASSWORD = "hunter" + some(ALNUM, 6)
OPTIONS = (
    "password passwd passphrase secret token api-key apikey access-key secret-key private-key client-secret auth-token "
    "access-token db-password db_password dbPassword DB_PASSWORD mysql-password github-token hf_token hf-token "
    "wandb-api-key openai-api-key openaiApiKey aws-secret-access-key credentials credential encryption-key "
    "signing-key account-key authtoken accesstoken secretkey accesskey "
    "mypassword http-password proxy-password user-password token2 password_2 "
    "model.password auth.token db.credentials jwt bearer-token use-auth-token webhook-secret service-key master-key"
).split()
VARIABLES = (
    "API_KEY OPENAI_API_KEY AWS_SECRET_ACCESS_KEY WANDB_API_KEY HF_TOKEN GITHUB_TOKEN DB_PASSWORD PGPASSWORD "
    "MYSQL_PWD CLIENT_SECRET APP_SECRET NPM_TOKEN SECRET_KEY COMET_API_KEY NEPTUNE_API_TOKEN SLURM_JWT REDIS_PASSWORD"
).split()

SPELLINGS = {
    "two words": lambda name: ["--" + name, PASSWORD],
    "one word": lambda name: [f"--{name}={PASSWORD}"],
    "one dash": lambda name: ["-" + name, PASSWORD],
    "no dash": lambda name: [f"{name}={PASSWORD}"],
}
ARGUMENTS = [
    *(make(name) for name in OPTIONS for make in SPELLINGS.values()),
    *([f"{name}={PASSWORD}"] for name in VARIABLES),
    *(["bash", "-c", f"export {name}={PASSWORD}; run"] for name in VARIABLES),
    *(["bash", "-c", f"run --{name} {PASSWORD} -v"] for name in OPTIONS),
    *(["--config", f'{{"{name}": "{PASSWORD}", "lr": 0.1}}'] for name in OPTIONS),
    *([f"https://example.org/x?lr=1&{name}={PASSWORD}&z=2"] for name in ("api_key", "access_token", "token", "secret")),
    *([f"{scheme}://user:{PASSWORD}@host:1/x"] for scheme in "https mongodb postgresql redis mongodb+srv ftp".split()),
    *([f"{scheme}://user:p@{PASSWORD}:x@host/x"] for scheme in ("https", "mongodb")),
    ["curl", "-u", f"me:{PASSWORD}", "https://example.org"],
    ["curl", "--user", f"me:{PASSWORD}", "https://example.org"],
    ["sshpass", "-p", PASSWORD, "ssh", "x"],
    ["sshpass", f"-p{PASSWORD}", "ssh", "x"],
    ["mysql", "-u", "me", f"-p{PASSWORD}", "db"],
    ["redis-cli", "-a", PASSWORD, "ping"],
    ["docker", "login", "-u", "me", "-p", PASSWORD],
    ["curl", "-H", f"X-Api-Key: {PASSWORD}", "https://example.org"],
]  # fmt: skip

HARMLESS = [
    *(["--" + name, value] for name in (
        "tokens max-tokens max_tokens num-tokens n_tokens max-new-tokens tokens-per-batch token-count token-limit "
        "min-token max-token tokenizer tokenizer-name tokenize key-size keysize keyword keywords key-file "
        "keys-file keyboard monkey hotkey donkey "
        "passes passthrough compass password-file password-length passwords-file "
        "token-file token-type secret-name secret-id secretary credential-file "
        "author authors authority pathway pattern patience patch-size "
        "path signal signature-file sigma significance dsn-name salt-size cookie-file session-name per-token token-dim"
    ).split() for value in ("100", "bert-base", "/data/x1/y2")),
    *(["--" + name, value] for name in "key sort-key primary-key dict-key auth cookie session sig salt".split()
      for value in ("name", "val_loss", "5", "train/loss")),
    *(["--" + name, value] for name in ("eos-token", "pad-token", "bos_token", "unk-token", "mask_token", "cls-token",
                                        "sep_token", "image-token", "special-token", "stop-token")
      for value in ("</s>", "[PAD]", "50256", "<|endoftext|>")),
    *(["--" + name, value] for name in ("token", "password", "api-key", "secret", "use-auth-token", "hf_token")
      for value in ("true", "False", "none", "", "0", "$HF_TOKEN", "${TOKEN}", "--verbose")),
    *([f"--{name}={value}"] for name in ("lr", "model", "data", "seed", "optimizer.lr", "run-name", "checkpoint")
      for value in ("1e-3", "resnet50", "s3://bucket/key/part-00001", "a1b2c3d4e5f60718293a4b5c6d7e8f90",
                    "2024-01-01T00:00:00")),
    *([word] for word in (
        "train.py", "https://example.org/a?b=c", "git@github.com:team/repo.git", "ssh://git@example.org/x",
        "user@host:/x",
        "http://localhost:8080/a@b", "sk-learn", "task-specific-fine-tuning-of-large-models", "risk-averse-portfolio-x",
        "key=value", "k=v=w", "keyword=spam", "tokens=5", "model=sk-resnet", "https://user@example.org/x",
        "hf_model", "npm_test",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "550e8400-e29b-41d4-a716-446655440000", "file:///home/key/token/secret.txt", "redis://localhost:6379/0",
        "mongodb://localhost/kleio", "2024-01-01:12:00", "a:b@c", "checkpoint-1234567890123456", "glm-4-9b-chat-1m",
        "-c", "print(token)", "import os; print(os.environ['TOKEN'])", "password", "secret.py", "token", "é☃", "\udcff",
    )),
]  # fmt: skip


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(SALT, {})


def test_the_corpus_is_large() -> None:
    assert len(ARGUMENTS) + len(TOKENS) >= 200
    assert len(HARMLESS) >= 200
    assert {name for name, _, _ in RULES} == TOKENS.keys()


@pytest.mark.parametrize("words", ARGUMENTS, ids=" ".join)
def test_a_secret_argument_does_not_survive(words: list[str], redactor: Redactor) -> None:
    redacted = redactor.redact_argv(["python", "train.py", *words] if words[0][0] in "-hmfprA" else words)
    assert PASSWORD not in " ".join(redacted)
    assert redactor.fingerprint(PASSWORD)[:-1] in " ".join(redacted) or "@" in words[-1]


@pytest.mark.parametrize("words", HARMLESS, ids=lambda words: " ".join(words).encode("ascii", "replace").decode())
def test_a_harmless_argument_survives(words: list[str], redactor: Redactor) -> None:
    argv = ("python", "train.py", *words, "end")
    assert redactor.redact_argv(argv) == argv


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("frame", ["{}", "--x={}", "'{}'", '"{}",', "see {} there", "+    x = {}", "é☃ {}\n\nmore"])
def test_a_token_does_not_survive_anywhere(name: str, frame: str, redactor: Redactor) -> None:
    token = TOKENS[name]
    text = redactor.redact_text(frame.format(token))
    assert token not in text
    assert PREFIX in text
    longest = max(re.findall("[A-Za-z0-9]+", token), key=len)
    assert longest not in text


@pytest.mark.parametrize("name", TOKENS)
def test_a_word_that_only_contains_a_tokens_mark_survives(name: str, redactor: Redactor) -> None:
    mark = next(marks for rule, marks, _ in RULES if rule == name).split("|")[0]
    for word in (mark, f"my-{mark}-model", f"{mark}x", f"runs/{mark}/a"):
        assert redactor.redact_text(word) == word


PEM = "\n".join(
    [
        "-----BEGIN RSA PRIV" + "ATE KEY-----",
        *(some(ALNUM + "+/", 64) for _ in range(20)),
        "-----END RSA PRIV" + "ATE KEY-----",
    ]
)


@pytest.mark.parametrize("prefix", ["", "+", "-", " ", "    "])
def test_a_private_key_does_not_survive_and_keeps_its_lines(prefix: str, redactor: Redactor) -> None:
    text = "\n".join(prefix + line for line in PEM.split("\n"))
    redacted = redactor.redact_text(text)
    assert redacted.count("\n") == text.count("\n")
    assert not any(line in redacted for line in PEM.split("\n")[1:-1])
    assert all(line.startswith(prefix) for line in redacted.split("\n"))


def test_values_of_the_users_secret_variables_do_not_survive() -> None:
    canary = some(ALNUM, 20)
    redactor = Redactor(SALT, {"MY_API_TOKEN": canary, "SOME_KEY": "s3cr3t"})
    argv = redactor.redact_argv(["run", canary, f"x{canary}", f"--x=a/{canary}/b", "s3cr3t", "not-s3cr3t-1", "s3cr3ts"])
    assert argv == (
        "run",
        redactor.fingerprint(canary),
        f"x{canary}",
        f"--x=a/{redactor.fingerprint(canary)}/b",
        redactor.fingerprint("s3cr3t"),
        f"not-{redactor.fingerprint('s3cr3t')}-1",
        "s3cr3ts",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_TOKEN", "true"), ("SORT_KEY", "name"), ("SSH_KEY", "/home/me/.ssh/id"), ("DB_PASSWORD", "password"),
        ("PIN_KEY", "1234567"), ("PWD", "/home/me"), ("HOME", "/home/me1234"), ("TOKEN", "short"),
        ("X_TOKENS", "12345678"),
    ],
)  # fmt: skip
def test_common_values_of_variables_survive(name: str, value: str) -> None:
    argv = ("run", value, f"--x={value}")
    assert Redactor(SALT, {name: value}).redact_argv(argv) == argv


def test_equal_secrets_look_equal_and_others_do_not(redactor: Redactor) -> None:
    first = redactor.redact_argv(["x", "--password", "alpha1"])
    assert first == redactor.redact_argv(["x", "--password", "alpha1"])
    assert first != redactor.redact_argv(["x", "--password", "alpha2"])
    assert first != Redactor(b"t" * 32, {}).redact_argv(["x", "--password", "alpha1"])
    assert len(first[2]) == len("<redacted:12345678>")


def test_a_typed_secret_can_be_checked(redactor: Redactor) -> None:
    shown = redactor.redact_argv(["x", "--password", "alpha1"])[2]
    assert redactor.matches(shown, "alpha1")
    assert not redactor.matches(shown, "alpha2")
    assert not redactor.matches("☃", "alpha1")


WORDS = st.lists(
    st.text(max_size=40) | st.sampled_from(["--password", "--token", "-p", "=", "curl", "mysql", "--x=", "\udc80"])
)


@given(WORDS)
@example(["--password", "-"])
def test_redaction_keeps_the_number_of_words_and_is_stable(words: list[str]) -> None:
    redactor = Redactor(SALT, {})
    once = redactor.redact_argv(words)
    assert len(once) == len(words)
    assert redactor.redact_argv(once) == once


@given(st.binary(max_size=400))
def test_bytes_without_secrets_are_left_as_they_are(data: bytes) -> None:
    assert Redactor(SALT, {}).redact_bytes(data) == data or PREFIX.encode() in Redactor(SALT, {}).redact_bytes(data)


@given(st.text(max_size=200))
def test_the_number_of_lines_never_changes(text: str) -> None:
    frame = f'password = "{PASSWORD}"\n{text}\napi_key: {PASSWORD}\n'
    assert Redactor(SALT, {}).redact_text(frame).count("\n") == frame.count("\n")


CODE = [
    "token = tokenizer.encode(text)",
    "password = getpass.getpass()",
    'password = os.environ["DB_PASSWORD"]',
    "def login(user, password=None):",
    'parser.add_argument("--password", help="the password")',
    'parser.add_argument("--api-key", default=None)',
    'key = "val_loss"',
    "key=lambda item: item.name",
    'tokens = ["a", "b"]',
    '"token": "input_ids",',
    "token: str",
    "secret: bytes = b''",
    "self.token = token",
    "API_KEY=$API_KEY",
    "API_KEY=config.api_key",
    'token = f"{prefix}{name}"',
    'eos_token = "<|endoftext|>"',
    "# the password must be long",
    "for key, value in items:",
    "return self._password == other._password",
    "GIT binary patch",
    "index 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b..da39a3ee5e6b4b0d3255bfef95601890afd80709 100644",
]


@pytest.mark.parametrize("line", CODE)
def test_source_that_only_speaks_of_secrets_survives(line: str, redactor: Redactor) -> None:
    assert redactor.redact_text(f"+    {line}") == f"+    {line}"


@pytest.mark.parametrize(
    "line",
    [
        'password = "{}"', "password: '{}'", 'PASSWORD="{}"', "API_KEY={}", "export API_KEY={}", '"api_key": "{}",',
        "password: {}", "  db_password: {}", 'client = Client(api_key="{}")', "os.environ['X_TOKEN'] = '{}'",
        'self.token = "{}"', "--password {}", 'headers = {{"X-Api-Key": "{}"}}', "secret := \"{}\"", "DSN=postgres://u:{}@h/x",
    ],
)  # fmt: skip
def test_source_that_holds_a_secret_is_redacted(line: str, redactor: Redactor) -> None:
    redacted = redactor.redact_bytes(f"+{line.format(PASSWORD)}\n".encode())
    assert PASSWORD.encode() not in redacted
    assert redacted.startswith(b"+")
    assert redacted.endswith(b"\n")


def test_binary_parts_of_a_patch_are_left_alone(redactor: Redactor) -> None:
    token = TOKENS["aws-access-key"].encode()
    binary = b"GIT binary patch\nliteral 20\nzc" + token + b"\n\nliteral 0\nHc$@<O00001\n\n"
    patch = b"diff --git a/x b/x\n" + binary + b"diff --git a/y b/y\n+" + token + b"\n"
    redacted = redactor.redact_bytes(patch)
    assert binary in redacted
    assert redacted.count(token) == 1


def test_values_are_redacted_by_name_however_nested(redactor: Redactor) -> None:
    value = {"db": {"password": PASSWORD, "port": 5432}, "keys": [1, "a"], "pin": None, "api_key": 12345678, "lr": 0.1}
    clean = redactor.redact_value("", value)
    assert clean["db"] == {"password": redactor.fingerprint(PASSWORD), "port": 5432}
    assert (clean["keys"], clean["pin"], clean["lr"]) == ([1, "a"], None, 0.1)
    assert clean["api_key"] == redactor.fingerprint("12345678")


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://example.org/x.git", "https://example.org/x.git"),
        ("git@example.org:team/x.git", "git@example.org:team/x.git"),
        ("ssh://git@example.org/x.git", "ssh://git@example.org/x.git"),
    ],
)
def test_addresses_without_secrets_survive(url: str, clean: str, redactor: Redactor) -> None:
    assert redactor.redact_url(url) == clean


def test_secret_variables_are_told_by_name() -> None:
    names = [
        "API_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "SLURM_JWT",
        "X_PASSWORD",
        "MY_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ]
    assert secret_variables(
        [*names, "CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "KEYBOARD", "PATH", "MONKEYS", "TOKENIZERS_PARALLELISM"]
    ) == frozenset(names)


def test_the_salt_is_private_and_lasts(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    first = load_redactor(data, {}).fingerprint("x")
    assert load_redactor(data, {}).fingerprint("x") == first
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data/salt").stat().st_mode & 0o777 == 0o600
    assert os.listdir(data) == ["salt"]


def test_processes_that_race_for_the_salt_agree(tmp_path: Path) -> None:
    barrier, seen = threading.Barrier(8), []

    def load() -> None:
        barrier.wait()
        seen.append(load_redactor(str(tmp_path / "data"), {}).fingerprint("x"))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1
    assert len(seen) == 8


def test_a_damaged_salt_is_named(tmp_path: Path) -> None:
    (tmp_path / "salt").write_bytes(b"short")
    with pytest.raises(SettingsError, match="damaged") as caught:
        load_redactor(str(tmp_path), {})
    assert str(tmp_path / "salt") in caught.value.message
    assert caught.value.hint


def test_without_a_writable_directory_secrets_stay_hidden(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    redactor = load_redactor(str(tmp_path / "file/data"), {})
    assert PREFIX in redactor.redact_argv(["x", "--password", "alpha1"])[2]


def test_a_long_line_takes_no_time_beyond_its_length(redactor: Redactor) -> None:
    for letter in ("a", "a.", "password", "=", "://", "key-", "eyJ", "token ", "-", ":"):
        redactor.redact_text(letter * (200_000 // len(letter)))
