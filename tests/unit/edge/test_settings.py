"""A container starts only with all it needs, says what is missing, and uses nothing else."""

from collections.abc import Mapping
from typing import get_args

import pytest

from billing.edge.settings import Setting, Settings, SettingsError, Variable
from tests.support.lambdas import ENVIRONMENT

VARIABLES: set[Variable] = set(get_args(Variable.__value__))
SETTINGS = [name for name, value in vars(Settings).items() if isinstance(value, Setting)]


def read_all(environ: Mapping[str, str]) -> Settings:
    """Read every variable that there is."""
    return Settings.from_environment(environ, VARIABLES)


def test_settings_are_read_from_the_variables_of_the_same_names() -> None:
    settings = read_all(ENVIRONMENT)

    assert {name: getattr(settings, name) for name in SETTINGS} == {
        "accounts_table": "accounts",
        "ledger_table": "ledger",
        "usage_table": "usage",
        "settle_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/settle",
        "closing_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/closing",
        **{
            name: f"https://sqs.eu-central-1.amazonaws.com/123456789012/{queue}-dead-letters"
            for name, queue in (
                ("settle_dead_letter_queue_url", "settle"),
                ("run_billing_dead_letter_queue_url", "run-billing"),
                ("closing_dead_letter_queue_url", "closing"),
                ("ingest_logs_dead_letter_queue_url", "ingest-logs"),
            )
        },
        "billing_interval_seconds": 60,
        "billing_schedule": "rate(1 minute)",
        "closing_schedule": "rate(1 hour)",
        "logs_schedule": "rate(1 hour)",
        "dunning_state_machine_arn": ENVIRONMENT["DUNNING_STATE_MACHINE_ARN"],
        "logs_bucket": "usage-billing-logs",
        "log_file_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/log-files",
        "retry_schedule_seconds": (1, 2, 4, 8, 16),
    }
    assert {name.upper() for name in SETTINGS} == VARIABLES


@pytest.mark.parametrize("field", SETTINGS)
@pytest.mark.parametrize("state", ["missing", "empty"])
def test_a_variable_that_is_missing_or_empty_is_named(field: str, state: str) -> None:
    name = field.upper()
    environ = {key: value for key, value in ENVIRONMENT.items() if key != name}
    if state == "empty":
        environ[name] = ""
    with pytest.raises(SettingsError, match=f"lacks {name}$"):
        read_all(environ)


def test_all_missing_variables_are_named_at_once() -> None:
    with pytest.raises(SettingsError, match="ACCOUNTS_TABLE, LEDGER_TABLE, USAGE_TABLE"):
        read_all({})


@pytest.mark.parametrize("field", SETTINGS)
def test_a_variable_that_nobody_said_is_read_cannot_be_used(field: str) -> None:
    name = field.upper()
    settings = Settings.from_environment(ENVIRONMENT, {each for each in VARIABLES if each != name})

    with pytest.raises(SettingsError, match=f"uses {name} without saying"):
        getattr(settings, field)


def test_a_variable_that_nobody_reads_may_be_missing_or_senseless() -> None:
    environ = {"ACCOUNTS_TABLE": "accounts", "RETRY_SCHEDULE_SECONDS": "soon"}

    assert Settings.from_environment(environ, {"ACCOUNTS_TABLE"}).accounts_table == "accounts"


@pytest.mark.parametrize("text", ["0", "-60", "60.0", "1e2", " 60", "sixty", "86401", "9" * 5000])
def test_an_interval_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="BILLING_INTERVAL_SECONDS must be an integer"):
        read_all({**ENVIRONMENT, "BILLING_INTERVAL_SECONDS": text})


@pytest.mark.parametrize("text", ["1", "1,2,4,8,16", "2592000", ",".join(["60"] * 20)])
def test_a_schedule_of_retries_is_read(text: str) -> None:
    settings = read_all({**ENVIRONMENT, "RETRY_SCHEDULE_SECONDS": text})

    assert ",".join(map(str, settings.retry_schedule_seconds)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,,2", "must be integers"),
        ("1, 2", "must be integers"),
        ("1;2", "must be integers"),
        ("-1", "must be integers"),
        ("1.5", "must be integers"),
        ("٣", "must be integers"),
        ("9" * 5000, "must be integers"),
        ("0,1", "must have delays from 1"),
        ("2592001", "must have delays from 1"),
        (",".join(["1"] * 21), "must have 1 to 20 delays"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=f"RETRY_SCHEDULE_SECONDS {message}"):
        read_all({**ENVIRONMENT, "RETRY_SCHEDULE_SECONDS": text})
