"""One real conversation with each service. The texts have what encodings get wrong."""

import json

from kit.services import Service, form, form_by_sigcurl, form_in_query, target

TEXT = 'a b+c&d=e %2F ü "q"'
IN_JSON = rb'a b\+c&d=e %2F (\\u00fc|\xc3\xbc) \\"q\\"'

sts, sts_by_sigcurl = form("2011-06-15"), form_by_sigcurl("2011-06-15")
sts_get = form_in_query("2011-06-15")
iam = form("2010-05-08")
sns = form("2010-03-31")
dynamodb = target("DynamoDB_20120810", "1.0")
sqs = target("AmazonSQS", "1.0")
kinesis = target("Kinesis_20131202")
secrets = target("secretsmanager")
ssm = target("AmazonSSM")
logs = target("Logs_20140328")
events = target("AWSEvents")
states = target("AWSStepFunctions", "1.0")

STS = Service(
    "sts",
    [
        sts_get("GetCallerIdentity", rb"<Arn>arn:aws:", Note=TEXT),
        sts_by_sigcurl("GetCallerIdentity", rb"<Arn>arn:aws:", Note=TEXT),
        sts("GetCallerIdentity", rb"<Arn>arn:aws:", Note=TEXT),
    ],
)
DYNAMODB = Service(
    "dynamodb",
    [
        dynamodb(
            "CreateTable",
            rb'"TableName": ?"interop"',
            TableName="interop",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        ),
        dynamodb("PutItem", rb"{", TableName="interop", Item={"id": {"S": TEXT}, "n": {"N": "7"}}),
        dynamodb("GetItem", rb'"7"', TableName="interop", Key={"id": {"S": TEXT}}),
    ],
)


def sqs_service(port, account):
    queue = f"http://127.0.0.1:{port}/{account}/interop"
    return Service(
        "sqs",
        [
            sqs("CreateQueue", rb"/interop", QueueName="interop"),
            sqs("SendMessage", rb"MessageId", QueueUrl=queue, MessageBody=TEXT),
            sqs("ReceiveMessage", IN_JSON, QueueUrl=queue, VisibilityTimeout=0),
            sqs("ListQueues", rb"/interop", QueueNamePrefix="inter", MaxResults=10),
        ],
    )


def moto_services(port, account, role):
    topic = f"arn:aws:sns:us-east-1:{account}:interop"
    machine = f"arn:aws:states:us-east-1:{account}:stateMachine:interop"
    definition = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}})
    return [
        STS,
        DYNAMODB,
        sqs_service(port, account),
        Service(
            "sns",
            [
                sns("CreateTopic", rb"<TopicArn>", Name="interop"),
                sns("Publish", rb"<MessageId>", TopicArn=topic, Message=TEXT),
                sns("ListTopics", rb"interop</TopicArn>"),
            ],
        ),
        Service(
            "iam",
            [
                iam("CreateGroup", rb"<GroupName>interop", GroupName="interop"),
                iam("ListGroups", rb"<GroupName>interop", PathPrefix="/"),
            ],
        ),
        Service(
            "kinesis",
            [
                kinesis("CreateStream", rb"", StreamName="interop", ShardCount=1),
                kinesis(
                    "PutRecord",
                    rb"SequenceNumber",
                    StreamName="interop",
                    Data="YSBi",
                    PartitionKey=TEXT,
                ),
                kinesis("DescribeStreamSummary", rb'"OpenShardCount": ?1', StreamName="interop"),
            ],
        ),
        Service(
            "secretsmanager",
            [
                secrets("CreateSecret", rb"interop", Name="interop", SecretString=TEXT),
                secrets("GetSecretValue", IN_JSON, SecretId="interop"),
            ],
        ),
        Service(
            "ssm",
            [
                ssm("PutParameter", rb"Version", Name="/interop/a", Value=TEXT, Type="String"),
                ssm("GetParameter", IN_JSON, Name="/interop/a"),
            ],
        ),
        Service(
            "logs",
            [
                logs("CreateLogGroup", rb"", logGroupName="/interop/a"),
                logs("DescribeLogGroups", rb"/interop/a", logGroupNamePrefix="/interop"),
            ],
        ),
        Service(
            "events",
            [
                events(
                    "PutRule", rb"RuleArn", Name="interop", ScheduleExpression="rate(5 minutes)"
                ),
                events("DescribeRule", rb"rate\(5 minutes\)", Name="interop"),
            ],
        ),
        Service(
            "states",
            [
                states(
                    "CreateStateMachine",
                    rb"interop",
                    name="interop",
                    definition=definition,
                    roleArn=role,
                ),
                states("DescribeStateMachine", rb"StartAt", stateMachineArn=machine),
            ],
        ),
    ]
