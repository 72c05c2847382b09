"""Credentials, as environments."""


def environment_of(access_key, secret, token=None):
    credentials = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret}
    return {**credentials, "AWS_SESSION_TOKEN": token} if token else credentials


def with_wrong_secret(credentials):
    return {**credentials, "AWS_SECRET_ACCESS_KEY": "x" * len(credentials["AWS_SECRET_ACCESS_KEY"])}
