"""What is deployed by samconfig.toml: folders of one file, parameters that exist, one processor."""

import tomllib

import pytest
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_layer_provider import SamLayerProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

from tests.template.deployed import deploy
from tools.sam_template import ROOT, TEMPLATE, read_source

# What the console serves; tests/unit/console looks at it.
SITE = (ROOT / "functions" / "console" / "static", ROOT / "functions" / "console" / "vendor")


def test_a_function_folder_holds_its_handler_or_a_workflow_and_nothing_else() -> None:
    held = {
        str(path.relative_to(ROOT / "functions"))
        for path in (ROOT / "functions").rglob("*")
        if path.is_file()
        and path.parent.name != "__pycache__"
        and not any(map(path.is_relative_to, SITE))
    }

    folders = [
        str(f["CodeUri"]).removeprefix("functions/") for _, f in deploy(read_source()).functions()
    ]
    assert held == {f"{folder}/handler.py" for folder in folders} | {"workflows/dunning.asl.json"}


def test_every_parameter_of_a_deployment_exists_in_the_template() -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    parameters = read_source()["Parameters"]

    overridden = {
        environment: dict(
            override.split("=", maxsplit=1)
            for override in settings[environment]["deploy"]["parameters"]["parameter_overrides"]
        )
        for environment in ("default", "production")
    }

    for values in overridden.values():
        for name, value in values.items():
            allowed = parameters[name]["AllowedValues"]
            assert value in map(str, allowed), name
    assert parameters["Architecture"]["Default"] == "x86_64"


# Those of sam itself, whose version the lock file pins.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("step", ["build", "deploy"])
def test_production_is_arm64_throughout(step: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    overrides = settings["production"][step]["parameters"]["parameter_overrides"]

    # What sam reads when it builds, by the parameters that it is given then.
    stacks, _ = SamLocalStackProvider.get_stacks(
        str(TEMPLATE), parameter_overrides=dict(each.split("=", maxsplit=1) for each in overrides)
    )

    built_for = {f.name: f.architectures for f in SamFunctionProvider(stacks).get_all()}
    built_for |= {
        layer.name: [layer.build_architecture] for layer in SamLayerProvider(stacks).get_all()
    }
    names = {"CommonLayer", *(name for name, _ in deploy(read_source()).functions())}
    assert built_for == {name: ["arm64"] for name in names}
