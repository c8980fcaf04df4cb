"""How the rules of roles are broken."""

from tests.template.breaches.breaking import Breach, Source, properties, statements
from tests.template.rules import roles


def _share_a_role(source: Source) -> None:
    for name in ("UsersFunction", "ProductsFunction"):
        properties(source, name)["Role"] = {"Fn::GetAtt": ["CreditFunctionRole", "Arn"]}


BREACHES: tuple[Breach, ...] = (
    (
        roles.single_actions,
        lambda s: statements(s, "UsageFunction")[0].update(Action="dynamodb:*"),
        "UsageFunctionRole allows dynamodb:*",
    ),
    (
        roles.single_actions,
        lambda s: statements(s, "UsageFunction")[0].pop("Action"),
        "UsageFunctionRole allows NotAction",
    ),
    (
        roles.exact_resources,
        lambda s: statements(s, "AuthorizerFunction")[0].update(Resource="*"),
        "AuthorizerFunctionRole allows dynamodb:GetItem on *",
    ),
    (
        roles.exact_resources,
        lambda s: statements(s, "UsersFunction")[1].update(
            Resource={"Fn::Sub": "${AccountsTable.Arn}/index/*"}
        ),
        "UsersFunctionRole allows dynamodb:Query on {'Fn::Sub': '${AccountsTable.Arn}/index/*'}",
    ),
    (
        roles.exact_resources,
        lambda s: statements(s, "UsersFunction")[1].update(
            Resource={"Fn::Sub": "${AccountsTable.Arn}/index/lisitng"}
        ),
        "UsersFunctionRole allows dynamodb:Query on {'Fn::Sub': '${AccountsTable.Arn}/index/lis",
    ),
    (
        roles.wildcards_are_written,
        lambda s: properties(s, "UsersFunction")["Policies"].append(
            {"DynamoDBReadPolicy": {"TableName": {"Ref": "AccountsTable"}}}
        ),
        "UsersFunctionRole has the wildcard arn:${AWS::Partition}:dynamodb:",
    ),
    (
        roles.managed_policies,
        lambda s: properties(s, "UsersFunction")["Policies"].append(
            "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
        ),
        "UsersFunctionRole has the managed policy arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
    ),
    (roles.own_roles, _share_a_role, "CreditFunctionRole is shared"),
    (
        roles.exact_resources,
        lambda s: statements(s, "CreditFunction")[3].update(Resource="*"),
        "CreditFunctionRole allows states:StartExecution on *",
    ),
    (
        roles.exact_resources,
        lambda s: statements(s, "DunningWorkflow")[0].update(Resource="*"),
        "DunningWorkflowRole allows lambda:InvokeFunction on *",
    ),
    (
        roles.exact_resources,
        lambda s: properties(s, "DunningWorkflow").update(Name={"Fn::Sub": "dunning"}),
        "CreditFunctionRole allows states:StartExecution on {'Fn::Sub': 'arn:",
    ),
    (
        roles.exact_resources,
        lambda s: statements(s, "ReadLogFileFunction")[3].update(
            Resource={"Fn::Sub": "${LogsBucket.Arn}/*"}
        ),
        "ReadLogFileFunctionRole allows s3:GetObject on",
    ),
)
