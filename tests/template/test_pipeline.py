"""The example of a pipeline: who may take on its roles, and that they reach what is deployed."""

from typing import Any

from samtranslator.yaml_helper import yaml_parse

from tests.template.deployed import NESTED_STACK, as_list, deploy
from tools.sam_template import ROOT, read_source

EXAMPLES = ROOT / "docs" / "examples"

# Where a type of resource is called otherwise than its service's actions.
ACTIONS_OF = {"ApiGatewayV2": "apigateway", "StepFunctions": "states"}


def read(name: str) -> dict[str, Any]:
    """Parse an example."""
    example: dict[str, Any] = yaml_parse((EXAMPLES / name).read_text(encoding="utf-8"))
    return example


def role(name: str) -> dict[str, Any]:
    """Give the properties of a role."""
    properties: dict[str, Any] = read("deploy-roles.yaml")["Resources"][name]["Properties"]
    return properties


def statements(name: str) -> list[dict[str, Any]]:
    """Give what a role may do."""
    [policy] = role(name)["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def test_one_environment_of_one_repository_takes_on_the_role() -> None:
    [trust] = role("PipelineRole")["AssumeRolePolicyDocument"]["Statement"]

    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {
                "Fn::Sub": "${GitHubSubject}:environment:${Environment}"
            },
        }
    }


def test_the_pipeline_itself_only_starts_deployments() -> None:
    actions = {a for each in statements("PipelineRole") for a in as_list(each["Action"])}
    passed = [each for each in statements("PipelineRole") if each["Action"] == "iam:PassRole"]

    assert {action.partition(":")[0] for action in actions} == {"cloudformation", "iam", "s3"}
    assert not any("*" in action or "Delete" in action for action in actions - DELETES_A_PLAN)
    assert [each["Resource"] for each in passed] == [{"Fn::GetAtt": ["CloudFormationRole", "Arn"]}]


DELETES_A_PLAN = {"cloudformation:DeleteChangeSet"}


def test_cloudformation_reaches_every_service_of_the_template() -> None:
    services = {
        resource["Type"].split("::")[1] for resource in deploy(read_source()).resources.values()
    }
    needed = {ACTIONS_OF.get(service, service.lower()) for service in services}
    allowed = {
        action.partition(":")[0]
        for each in statements("CloudFormationRole")
        for action in as_list(each["Action"])
    }

    assert needed <= allowed


def test_cloudformation_makes_roles_wherever_the_template_puts_them() -> None:
    """Beside its paths it could make none, and a deployment by the pipeline would fail."""
    paths = {
        properties["Path"]["Fn::Sub"].replace("AWS::StackName", "BillingStack")
        for _, properties in deploy(read_source()).properties_of_type("AWS::IAM::Role")
        if "Path" in properties
    }
    [allowed] = [each for each in statements("CloudFormationRole") if each.get("Sid") == "Roles"]
    reached = {each["Fn::Sub"].partition(":role")[2] for each in allowed["Resource"]}

    assert reached == {"/${BillingStack}-*", *(f"{path}*" for path in paths)}


def test_cloudformation_makes_the_stack_inside_the_stack() -> None:
    [nested] = [
        name
        for name, resource in read_source()["Resources"].items()
        if resource["Type"] == NESTED_STACK
    ]
    [allowed] = [
        each for each in statements("CloudFormationRole") if each.get("Sid") == "NestedStack"
    ]

    assert allowed["Resource"]["Fn::Sub"].endswith(f":stack/${{BillingStack}}-{nested}-*")
    assert {f"cloudformation:{verb}Stack" for verb in ("Create", "Update", "Delete")} <= {
        *allowed["Action"]
    }


def test_jobs_that_deploy_have_a_token_and_an_environment_each() -> None:
    workflow = read("deploy.yml")
    jobs = workflow["jobs"]

    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in jobs["build"]
    for name, before in (("staging", "build"), ("production", "staging")):
        assert jobs[name]["environment"] == name
        assert jobs[name]["needs"] == before
        assert jobs[name]["permissions"] == {"contents": "read", "id-token": "write"}
    assert jobs["production"]["steps"] == jobs["staging"]["steps"]


def test_the_variables_that_a_workflow_needs_are_told() -> None:
    text = (EXAMPLES / "deploy.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    needed = {word.split("}")[0].split()[0] for word in text.split("${{ vars.")[1:]}

    assert len(needed) == 5
    assert all(f"`{name}`" in page for name in needed)
    assert all(f"`{name}`" in page for name in read("deploy-roles.yaml")["Outputs"])
