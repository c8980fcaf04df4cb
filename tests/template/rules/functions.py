"""The functions of the template are those of the repository, on one processor."""

from tests.template.deployed import Rule, Template
from tools.sam_template import ROOT


def folders(template: Template) -> list[str]:
    """Every function is a folder of one file, and its logical id is the folder's name.

    A folder that no function names is code that nobody deploys, and tests that prove nothing.
    """
    complaints = []
    on_disk = {
        path.name for path in (ROOT / "functions").iterdir() if (path / "handler.py").exists()
    }
    in_template = set()
    for name, function in template.functions():
        folder = str(function["CodeUri"]).removeprefix("functions/")
        in_template.add(folder)
        expected = "".join(part.capitalize() for part in folder.split("_")) + "Function"
        if name != expected:
            complaints.append(f"{name} runs functions/{folder}, so it should be {expected}")
    complaints += [f"functions/{folder} is not on disk" for folder in sorted(in_template - on_disk)]
    complaints += [
        f"functions/{folder} is in no template" for folder in sorted(on_disk - in_template)
    ]
    return complaints


def one_architecture(template: Template) -> list[str]:
    """Every function and the layer are of the processor that the deployment chose.

    A function of one kind with wheels of the other fails at its first import.
    """
    chosen = [{"Ref": "Architecture"}]
    functions = template.properties_of_type("AWS::Lambda::Function")
    layers = template.properties_of_type("AWS::Lambda::LayerVersion")
    given = {name: function.get("Architectures") for name, function in functions}
    # The layer's logical id ends in a hash of its content.
    given |= {layer["LayerName"]: layer.get("CompatibleArchitectures") for _, layer in layers}
    return [f"{name} is for {found}" for name, found in given.items() if found != chosen]


RULES: tuple[Rule, ...] = (
    folders,
    one_architecture,
)
