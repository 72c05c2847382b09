"""What the setups share. They run in a virtual environment that has boto3."""

import json
import os

import boto3
import botocore.config

REGION = "us-east-1"
CALL = 30  # seconds


def services(port):
    """Makes clients for the server on this port."""
    config = botocore.config.Config(
        connect_timeout=CALL, read_timeout=CALL, retries={"total_max_attempts": 1}
    )

    def service(name):
        endpoint = f"http://127.0.0.1:{port}"
        return boto3.client(name, endpoint_url=endpoint, region_name=REGION, config=config)

    return service


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


EVERYTHING = policy(Action="*", Resource="*")
ANYONE_MAY_BE_IT = policy(
    Action="sts:AssumeRole", Principal={"AWS": "*", "Service": "lambda.amazonaws.com"}
)


def user_key(iam):
    """A user that may do everything, as credentials."""
    iam.create_user(UserName="interop")
    iam.put_user_policy(UserName="interop", PolicyName="everything", PolicyDocument=EVERYTHING)
    key = iam.create_access_key(UserName="interop")["AccessKey"]
    return environment_of(key["AccessKeyId"], key["SecretAccessKey"])


def role(iam):
    """The name of a role that anyone may assume and that may do everything."""
    made = iam.create_role(RoleName="interop", AssumeRolePolicyDocument=ANYONE_MAY_BE_IT)
    iam.put_role_policy(RoleName="interop", PolicyName="everything", PolicyDocument=EVERYTHING)
    return made["Role"]["Arn"]


def session_key(sts, role):
    made = sts.assume_role(RoleArn=role, RoleSessionName="interop")["Credentials"]
    return environment_of(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def environment_of(access_key, secret, token=None):
    credentials = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret}
    return {**credentials, "AWS_SESSION_TOKEN": token} if token else credentials


def without_the_callers_settings():
    """Called first: no profile, proxy or endpoint of the caller may get in."""
    for name in [it for it in os.environ if it.startswith("AWS_") and it not in KEPT]:
        del os.environ[name]
    os.environ["NO_PROXY"] = "127.0.0.1"


KEPT = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
