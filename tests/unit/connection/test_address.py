from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kleio.connection.address import as_in_use, parse_address, printable, without_password
from kleio.errors import SettingsError


@pytest.mark.parametrize(
    ("address", "scheme", "location"),
    [
        ("sqlite:///home/me/journal.sqlite", "sqlite", "/home/me/journal.sqlite"),
        ("sqlite:////home/me/journal.sqlite", "sqlite", "/home/me/journal.sqlite"),
        ("sqlite:///a b?c#d%20.sqlite", "sqlite", "/a b?c#d%20.sqlite"),
        ("mongodb://localhost/lab", "mongodb", "lab"),
        ("mongodb://me:p%40ss@a:1,b:2/lab?replicaSet=rs0&authSource=admin", "mongodb", "lab"),
        ("mongodb://[::1]:27017/lab", "mongodb", "lab"),
        ("mongodb+srv://me:secret@cluster.example.org/lab", "mongodb+srv", "lab"),
        ("memory://test", "memory", "test"),
    ],
)
def test_an_address_names_a_backend_and_a_place(address: str, scheme: str, location: str) -> None:
    parsed = parse_address(address)
    assert (parsed.scheme, parsed.location, parsed.uri) == (scheme, location, address)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "'' is not the address of a journal"),
        ("/home/me/journal.sqlite", "'/home/me/journal.sqlite' is not the address of a journal"),
        ("postgres://h/n", "no journal is kept in 'postgres'; known are sqlite, mongodb, mongodb+srv"),
        (
            "sqlite://journal.sqlite",
            (
                "the address 'sqlite://journal.sqlite' needs an absolute path, with three slashes: "
                "sqlite:///home/me/journal.sqlite"
            ),
        ),
        ("sqlite:///", "the address 'sqlite:///' does not name a file"),
        ("sqlite:///dir/", "the address 'sqlite:///dir/' does not name a file"),
        ("memory://", "the address 'memory://' does not name a journal"),
        ("mongodb://", "the address 'mongodb://' does not name a host"),
        ("mongodb:///lab", "the address 'mongodb:///lab' does not name a host"),
        (
            "mongodb://me:secret@host",
            "the address 'mongodb://me@host' does not name a database: end it with /NAME",
        ),
        (
            "mongodb://host/?replicaSet=rs0",
            "the address 'mongodb://host/?replicaSet=rs0' does not name a database: end it with /NAME",
        ),
        ("mongodb://host/lab?tls=true;w=1", "the options of 'mongodb://host/lab?tls=true' are parted by ;"),
        ("mongodb://host/my lab", "'my lab' cannot be the name of a MongoDB database"),
        ("mongodb://host/a/b", "'a/b' cannot be the name of a MongoDB database"),
        ("mongodb://host/a#b", "'a#b' cannot be the name of a MongoDB database"),
        (f"mongodb://host/{'a' * 64}", f"'{'a' * 64}' cannot be the name of a MongoDB database"),
        (
            "mongodb://me:sec/ret@host/lab",
            "user, password or options of 'mongodb://me…' contain a character that must be percent-encoded",
        ),
        (
            "mongodb://me:sec@ret@host/lab",
            "user, password or options of 'mongodb://me@host/lab' contain a character that must be percent-encoded",
        ),
        (
            "mongodb://host/lab?appName=me@here",
            "user, password or options of 'mongodb://host…' contain a character that must be percent-encoded",
        ),
    ],
)
def test_a_wrong_address_is_refused_with_the_reason(address: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        parse_address(address)
    assert raised.value.message == message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("sqlite:///a/b", "sqlite:///a/b"),
        ("mongodb://host/lab", "mongodb://host/lab"),
        ("mongodb://me:secret@host/lab", "mongodb://me@host/lab"),
        (
            "mongodb://me:secret@host/lab?authSource=admin&tlsCertificateKeyFilePassword=secret&tls=true",
            "mongodb://me@host/lab?authSource=admin&tls=true",
        ),
        ("mongodb://me:secret@host/lab?authMechanismProperties=AWS_SESSION_TOKEN:secret", "mongodb://me@host/lab"),
        ("mongodb://host:1/lab?authMechanismProperties=AWS_SESSION_TOKEN,secret@x", "mongodb://host…"),
        ("mongodb://host?tlsCertificateKeyFilePassword=sec@ret", "mongodb://host…"),
        ("MongoDB://me:secret@host/lab", "MongoDB://me@host/lab"),
        (" mongodb://me:secret@host/lab", " mongodb://me@host/lab"),
        ("postgres://me:secret@host/lab", "postgres://me@host/lab"),
        ("me:secret@host/lab", "me@host/lab"),
        ("mongodb:/me:secret@host/lab", "mongodb…"),
        ("mongodb//me:secret@host/lab", "mongodb…"),
        ("me:sec/ret@host/lab", "me…"),
        ("mongodb://me:secret", "mongodb://me…"),
        ("mongodb://me:secret/lab?tls=true", "mongodb://me…"),
        ("mongodb://[::1]:27017,[::2],b:1/lab", "mongodb://[::1]:27017,[::2],b:1/lab"),
        ("mongodb://host/lab?tls=true;tlsCertificateKeyFilePassword=secret", "mongodb://host/lab?tls=true"),
        ("./me:a@b/journal.sqlite", "./me:a@b/journal.sqlite"),
        ("not an address", "not an address"),
    ],
)
def test_no_secret_is_shown(address: str, shown: str) -> None:
    assert printable(address) == shown


@given(
    user=st.text("abcé%/:@?#[]", max_size=6),
    rest=st.text("hosT:1,/@?=&#%", max_size=12),
    password=st.text("pq/:@?#&=%", max_size=6),
)
def test_no_password_is_shown_however_odd_the_address(user: str, password: str, rest: str) -> None:
    address = f"mongodb://{user}:{password}S3CRET{password}@{rest}"
    assert "S3CRET" not in printable(address)
    assert "S3CRET" not in repr(parse_or_error(address))


@given(
    before=st.text("hosT:1,/@?=&#%", max_size=12),
    option=st.sampled_from(["tlsCertificateKeyFilePassword", "authMechanismProperties", "AUTHMECHANISMPROPERTIES"]),
    value=st.text("ab,:@?/=#%", max_size=8),
    parting=st.sampled_from("&;"),
)
def test_no_option_that_holds_a_secret_is_shown(before: str, parting: str, option: str, value: str) -> None:
    address = f"mongodb://host/{before}?tls=true{parting}{option}={value}S3CRET{value}&authSource=admin"
    for shown in (printable(address), without_password(address), repr(parse_or_error(address))):
        assert "S3CRET" not in shown


def parse_or_error(address: str) -> object:
    try:
        return parse_address(address)
    except SettingsError as error:
        return f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("address", "is_in_use"),
    [
        ("mongodb://me:new@lab/runs", True),
        ("mongodb://me:old@lab/runs", True),
        ("mongodb://me:old@lab/runs?appName=a", True),
        ("mongodb://you:new@lab/runs", False),
        ("mongodb://me:new@lab/others", False),
        ("mongodb://me:new@lab/runs?authSource=admin", False),
        ("sqlite:///me/runs", False),
    ],
)
def test_an_address_of_the_journal_in_use_is_taken_with_the_password_of_today(address: str, is_in_use: bool) -> None:
    in_use = "mongodb://me:new@lab/runs"
    assert as_in_use(address, in_use) == (in_use if is_in_use else address)


def test_an_address_without_a_password_takes_none_away() -> None:
    assert as_in_use("mongodb://me:pw@lab/runs", "mongodb://me@lab/runs") == "mongodb://me:pw@lab/runs"
    assert as_in_use("mongodb://me@lab/runs", "mongodb://me@lab/runs") == "mongodb://me@lab/runs"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mongodb://me:p%40ss@a:1,b:2/lab?replicaSet=rs0&w=1", "mongodb://me@a:1,b:2/lab?replicaSet=rs0&w=1"),
        ("mongodb://me@lab/runs", "mongodb://me@lab/runs"),
        ("mongodb://lab/runs", "mongodb://lab/runs"),
        ("mongodb://me:a:b@lab/runs?tls=true&tlsCertificateKeyFilePassword=x", "mongodb://me@lab/runs?tls=true"),
        ("mongodb+srv://me:pw@lab/runs?authMechanismProperties=AWS_SESSION_TOKEN:x", "mongodb+srv://me@lab/runs"),
        ("mongodb://lab/runs?tlsCertificateKeyFilePassword=x&tls=true", "mongodb://lab/runs?tls=true"),
        ("me:pw@lab:27017", "me@lab:27017"),
        ("lab:27017", "lab:27017"),
        ("lab:27017/?tlsCertificateKeyFilePassword=x&tls=true", "lab:27017/?tls=true"),
        ("me@lab/?authMechanismProperties=AWS_SESSION_TOKEN:x", "me@lab/"),
        ("a/b@c.sqlite", "a/b@c.sqlite"),
        ("/a:b@c/journal.sqlite", "/a:b@c/journal.sqlite"),
        ("sqlite:///a:b@c/journal.sqlite", "sqlite:///a:b@c/journal.sqlite"),
    ],
)
def test_an_address_without_its_password_is_whole_otherwise(address: str, shown: str) -> None:
    assert without_password(address) == shown
    assert "://" not in address or printable(shown) == printable(address)
