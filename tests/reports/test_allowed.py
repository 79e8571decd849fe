"""What an administrator names in the settings, and what the start refuses."""

import pytest

from readerstudy.reports.sources.allowed import commands_in, endpoints_in


def test_endpoints_have_their_key_in_a_variable_of_their_own_name():
    found = endpoints_in(
        "openai=https://api.openai.com/v1/,our-vllm=http://10.0.0.7:8/v1"
    )
    assert found["openai"].url == "https://api.openai.com/v1"
    assert found["openai"].key_variable == "OPENAI_API_KEY"
    assert found["our-vllm"].key_variable == "OUR_VLLM_API_KEY"
    assert endpoints_in("") == {}


def test_json_says_where_a_key_lies():
    found = endpoints_in('{"a": {"url": "https://h/v1", "key_file": "/run/secrets/a"}}')
    assert found["a"].key_place == "/run/secrets/a"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "form NAME=VALUE"),
        ("a b=https://h/v1", "is no name"),
        ("a=https://h/v1,a=https://g/v1", "named twice"),
        ("a=file:///etc/passwd", "does not begin with https"),
        ("a=https://user:secret@h/v1", "must hold no password"),
        ("a=https://h/v1?x=1", "not of the form"),
        ("a=https://h:port/v1", "no URL"),
        ("a=https://h_h/v1", "neither a name nor"),
        ("{", "no JSON"),
        ('{"a": 1}', "neither a URL nor an object"),
        ('{"a": {"url": "https://h/v1", "key": "sk-1"}}', "neither a URL nor"),
        (
            '{"a": {"url": "https://h/v1", "key_variable": "sk-secret-1"}}',
            "no name of a variable",
        ),
    ],
)
def test_what_makes_no_sense_stops_the_start_without_a_secret(text, sentence):
    with pytest.raises(ValueError, match=sentence) as refusal:
        endpoints_in(text)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("between", ["; ", ";\n"])
def test_a_command_line_is_split_into_words_and_run_by_no_shell(between):
    found = commands_in(f"m=/m/bin/python '/a b.py' $X{between}n=/bin/n")
    assert found == {
        "m": ("/m/bin/python", "/a b.py", "$X"),
        "n": ("/bin/n",),
    }
    assert commands_in('{"m": ["/bin/m", "; rm"]}') == {"m": ("/bin/m", "; rm")}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("m=python a.py", "give its whole path"),
        ("m=/bin/m 'a", "quote without an end"),
        ("m=", "neither a command line nor"),
        ("m=/bin/m\nn=/bin/n", "line of m holds a line break: .* a semicolon before"),
        ('{"m": []}', "neither a command line nor"),
        ('{"m": ["/bin/m", 1]}', "neither a command line nor"),
    ],
)
def test_what_is_no_command_stops_the_start(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        commands_in(text)
