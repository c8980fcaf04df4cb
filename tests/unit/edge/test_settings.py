"""A container starts only with all it needs, and says what is missing."""

from dataclasses import fields

import pytest

from billing.edge.settings import Settings, SettingsError
from tests.support.lambdas import ENVIRONMENT


def test_settings_are_read_from_the_variables_of_the_same_names() -> None:
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        accounts_table="accounts",
        ledger_table="ledger",
        usage_table="usage",
        settle_queue_url="https://sqs.eu-central-1.amazonaws.com/123456789012/settle",
        billing_interval_seconds=60,
        dunning_state_machine_arn=ENVIRONMENT["DUNNING_STATE_MACHINE_ARN"],
        logs_bucket="usage-billing-logs",
        retry_schedule_seconds=(1, 2, 4, 8, 16),
    )


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
@pytest.mark.parametrize("state", ["missing", "empty"])
def test_a_variable_that_is_missing_or_empty_is_named(field: str, state: str) -> None:
    name = field.upper()
    environ = {key: value for key, value in ENVIRONMENT.items() if key != name}
    if state == "empty":
        environ[name] = ""
    with pytest.raises(SettingsError, match=f"lacks {name}$"):
        Settings.from_environment(environ)


def test_all_missing_variables_are_named_at_once() -> None:
    with pytest.raises(SettingsError, match="ACCOUNTS_TABLE, LEDGER_TABLE, USAGE_TABLE"):
        Settings.from_environment({})


@pytest.mark.parametrize("text", ["0", "-60", "60.0", "1e2", " 60", "sixty", "86401", "9" * 5000])
def test_an_interval_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="BILLING_INTERVAL_SECONDS must be an integer"):
        Settings.from_environment({**ENVIRONMENT, "BILLING_INTERVAL_SECONDS": text})


@pytest.mark.parametrize("text", ["1", "1,2,4,8,16", "2592000", ",".join(["60"] * 20)])
def test_a_schedule_of_retries_is_read(text: str) -> None:
    settings = Settings.from_environment({**ENVIRONMENT, "RETRY_SCHEDULE_SECONDS": text})

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
        Settings.from_environment({**ENVIRONMENT, "RETRY_SCHEDULE_SECONDS": text})
