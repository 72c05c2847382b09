"""Makes what docs/cookbook.md takes for granted: a user, a role, three APIs with functions behind them, a bucket.

setup/cookbook.py PORT REGION    prints the user's key as JSON
"""

import io
import json
import sys
import zipfile

import aws

PETS = """
import json

def handler(event, context):
    body = event.get("body")
    if body:
        return {"statusCode": 201, "body": body}
    pets = [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}]
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(pets)}
"""
CHAT = """
import json

def handler(event, context):
    connection = event["requestContext"]["connectionId"]
    return {"statusCode": 200, "body": json.dumps({"connectionId": connection, "got": event.get("body")})}
"""


def main(port, region):
    # The root key's signatures are never checked: it is for this setup only.
    aws.without_the_callers_settings()
    aws.REGION = region
    service = aws.services(port)
    iam = service("iam")
    user = aws.user_key(iam)
    for name in ("reader", "worker"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=aws.ANYONE_MAY_BE_IT)
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=aws.EVERYTHING)
    iam.create_role(RoleName="nobody", AssumeRolePolicyDocument=aws.ANYONE_MAY_BE_IT)
    functions = service("lambda")
    pets = make_function(functions, "pets", PETS)
    chat = make_function(functions, "chat", CHAT)
    make_http_api(service("apigatewayv2"), pets)
    make_rest_api(service("apigateway"), pets, region)
    make_websocket_api(service("apigatewayv2"), chat, region)
    make_state_machines(service("stepfunctions"))
    service("s3").create_bucket(
        Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": region}
    )
    service("s3").put_object(Bucket="my-bucket", Key="report.txt", Body=b"all is well\n")
    for name in ("jobs", "approvals"):
        service("sqs").create_queue(QueueName=name)
    return user


def make_function(functions, name, text):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", text)
    function = functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="app.handler",
        Role="arn:aws:iam::123456789012:role/worker",
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]
    functions.add_permission(
        FunctionName=name,
        StatementId="gateway",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    return function


def make_http_api(gateway, function):
    tags = {"ms-custom-id": "abcd1234"}
    api = gateway.create_api(Name="http", ProtocolType="HTTP", Tags=tags)["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    gateway.create_route(
        ApiId=api,
        RouteKey="$default",
        Target=f"integrations/{integration}",
        AuthorizationType="AWS_IAM",
    )
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)


def make_rest_api(gateway, function, region):
    """`/pets` wants a signature; `/orders` a key in `x-api-key`, too."""
    api = gateway.create_rest_api(name="rest", tags={"ms-custom-id": "beef5678"})["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    invoke = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations"
    for path, key in {"pets": False, "orders": True}.items():
        made = gateway.create_resource(restApiId=api, parentId=root, pathPart=path)["id"]
        method = {"restApiId": api, "resourceId": made, "httpMethod": "ANY"}
        gateway.put_method(**method, authorizationType="AWS_IAM", apiKeyRequired=key)
        gateway.put_integration(
            **method, type="AWS_PROXY", integrationHttpMethod="POST", uri=invoke
        )
    gateway.create_deployment(restApiId=api, stageName="prod")
    key = gateway.create_api_key(name="shop", value="shop-key-0123456789abcdef", enabled=True)
    stages = [{"apiId": api, "stage": "prod"}]
    plan = gateway.create_usage_plan(name="shop", apiStages=stages)
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")


def make_websocket_api(gateway, function, region):
    tags = {"ms-custom-id": "c0de9abc"}
    api = gateway.create_api(
        Name="chat",
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
        Tags=tags,
    )["ApiId"]
    uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations"
    target = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri
    )["IntegrationId"]
    for key, authorization in {"$connect": "AWS_IAM", "$default": "NONE"}.items():
        made = {"RouteKey": key, "Target": f"integrations/{target}"}
        if key == "$default":
            made["RouteResponseSelectionExpression"] = "$default"
        gateway.create_route(ApiId=api, AuthorizationType=authorization, **made)
    gateway.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)


def make_state_machines(states):
    wait_for_it = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {
            "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/approvals",
            "MessageBody": {"token.$": "$$.Task.Token"},
        },
        "End": True,
    }
    definition = {"StartAt": "Approve", "States": {"Approve": wait_for_it}}
    states.create_state_machine(
        name="orders",
        roleArn="arn:aws:iam::123456789012:role/worker",
        definition=json.dumps(definition),
    )


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1]), sys.argv[2]), sys.stdout)
