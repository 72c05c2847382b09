"""Makes the user, the role, the function and the APIs on a ministack.

setup/ministack.py PORT    prints what was made as JSON
"""

import io
import json
import re
import sys
import zipfile

import aws

HANDLER = """
import json

def handler(event, context):
    if "requestContext" not in event:
        return event
    echo = {
        "path": event.get("rawPath") or event.get("path"),
        "query": event.get("multiValueQueryStringParameters") or event.get("queryStringParameters"),
        "raw_query": event.get("rawQueryString"),
        "body": event.get("body"),
    }
    return {"statusCode": 200, "body": json.dumps(echo)}
"""


def main(port):
    # The root key's signatures are never checked: it is for this setup only.
    aws.without_the_callers_settings()
    service = aws.services(port)
    iam = service("iam")
    made = {"user": aws.user_key(iam)}
    role = aws.role(iam)
    made["role"] = aws.session_key(service("sts"), role)
    made["role_arn"] = role
    made["account"] = role.split(":")[4]

    function, made["function_url"] = make_function(service("lambda"), role)
    made["rest_api"] = make_rest_api(service("apigateway"), function)
    made["http_api"] = make_http_api(service("apigatewayv2"), function)
    return made


def make_function(functions, role):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", HANDLER)
    function = functions.create_function(
        FunctionName="hello",
        Runtime="python3.11",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]
    url = functions.create_function_url_config(FunctionName="hello", AuthType="AWS_IAM")
    functions.add_permission(
        FunctionName="hello",
        StatementId="gateway",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    return function, re.sub(r"^https?://|/$", "", url["FunctionUrl"])


def make_rest_api(gateway, function):
    """A stage `prod` whose every path needs a signature and calls the function."""
    api = gateway.create_rest_api(name="rest")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    any_path = gateway.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    method = {"restApiId": api, "resourceId": any_path, "httpMethod": "ANY"}
    gateway.put_method(**method, authorizationType="AWS_IAM")
    path = f"2015-03-31/functions/{function}/invocations"
    invoke = f"arn:aws:apigateway:{aws.REGION}:lambda:path/{path}"
    gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=invoke)
    gateway.create_deployment(restApiId=api, stageName="prod")
    return api


def make_http_api(gateway, function):
    api = gateway.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
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
    return api


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1])), sys.stdout)
