//! Every operation of Lambda's: the right method, path and query, on the wire and signed. And what the short forms make.

use super::support::REGION;
use super::support::process::Sigcurl;
use super::support::server::{Server, response};

/// Lambda, as far as signatures go.
fn lambda() -> Server {
    Server::start(|hit| match hit.verify(REGION, "lambda") {
        Ok(()) => response("200 OK", &[], "{}"),
        Err(error) => response("403 Forbidden", &[], &format!("not verified: {error}")),
    })
}

fn run(server: &Server) -> Sigcurl {
    Sigcurl::new()
        .env("AWS_ENDPOINT_URL", &server.url(""))
        .args(["lambda"])
}

/// One line of the table, which is botocore's and not ours.
struct Row<'a> {
    command: &'a str,
    method: &'a str,
    path: &'a str,
    in_path: Vec<(&'a str, &'a str)>,
    query: Vec<(&'a str, &'a str)>,
    body: Vec<&'a str>,
}

fn rows() -> Vec<Row<'static>> {
    let table = include_str!("../data/lambda-operations.tsv");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            let [command, method, path, _, in_path, query, body] = columns.as_slice() else {
                panic!("{line}");
            };
            let words = |list: &'static str| list.split(',').filter(|word| *word != "-");
            let pairs = |list| words(list).map(|word| word.split_once('=').unwrap());
            Row {
                command,
                method,
                path,
                in_path: pairs(in_path).collect(),
                query: pairs(query).collect(),
                body: words(body).collect(),
            }
        })
        .collect()
}

#[test]
fn every_operation_is_what_the_table_says() {
    let rows = rows();
    assert_eq!(rows.len(), 91);
    for row in rows {
        let mut words = vec![row.command.to_owned()];
        let mut target = row.path.to_owned();
        for (option, name) in &row.in_path {
            let (value, encoded) = match *name {
                "FunctionName" => ("f:live", "f%3Alive"),
                "VersionNumber" => ("7", "7"),
                _ => ("arn:x/é +", "arn%3Ax%2F%C3%A9%20%2B"),
            };
            words.extend([format!("--{option}"), value.to_owned()]);
            target = target.replace(&format!("{{{name}}}"), encoded);
        }
        for (option, about) in &row.query {
            let (wire, kind) = about.split_once(':').unwrap();
            let (given, sent) = match kind {
                "boolean" => (vec![format!("--{option}")], vec!["true"]),
                "integer" => (vec![format!("--{option}"), "7".into()], vec!["7"]),
                "list" => (
                    vec![format!("--{option}"), "a&b".into(), "c".into()],
                    vec!["a%26b", "c"],
                ),
                "timestamp" => (
                    vec![format!("--{option}"), "1970-01-01T00:00:07Z".into()],
                    vec!["1970-01-01T00%3A00%3A07Z"],
                ),
                _ => (
                    vec![format!("--{option}"), "$LATEST".into()],
                    vec!["%24LATEST"],
                ),
            };
            words.extend(given);
            for value in sent {
                target.push(if target.contains('?') { '&' } else { '?' });
                target.push_str(&format!("{wire}={value}"));
            }
        }
        let members: Vec<_> = row
            .body
            .iter()
            .map(|name| format!("\"{name}\":\"x\""))
            .collect();
        let body = format!("{{{}}}", members.join(","));
        if !row.body.is_empty() {
            words.extend(["--body".to_owned(), body.clone()]);
        }

        let server = lambda();
        let outcome = run(&server).args(words.iter().map(String::as_str)).run();
        match row.command {
            "invoke-with-response-stream" => outcome.fails(8, "the answer is no event stream"),
            _ => outcome.succeeds(),
        };
        let hit = server.hit();
        assert_eq!(
            (hit.method.as_str(), hit.target.as_str()),
            (row.method, target.as_str()),
            "{words:?}"
        );
        if !row.body.is_empty() {
            let sent: serde_json::Value = serde_json::from_slice(&hit.body).unwrap();
            let expected: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(sent, expected, "{words:?}");
            assert_eq!(hit.header("content-type"), Some("application/json"));
        }

        // Without what it needs, it says so and sends nothing.
        if let Some((option, _)) = row.in_path.first().filter(|_| row.command != "invoke") {
            let server = lambda();
            let outcome = run(&server).args([row.command]).run();
            let line = format!("{} needs --{option}", row.command);
            match row.command {
                "invoke-with-response-stream" => outcome.fails(2, "no function"),
                _ => outcome.fails(2, &line),
            };
            assert!(server.hits().is_empty());
        }
    }
}

/// The body of the only request that these words make.
fn sent(words: &[&str], files: &[(&str, &[u8])]) -> (String, serde_json::Value) {
    let server = lambda();
    let mut run = run(&server);
    for (name, content) in files {
        run = run.file(name, content);
    }
    run.args(words.iter().copied()).run().succeeds();
    let hit = server.hit();
    let body = serde_json::from_slice(&hit.body).unwrap_or_default();
    (format!("{} {}", hit.method, hit.target), body)
}

#[test]
fn options_have_types_and_short_forms_mean_operations() {
    let zip = b"PK\x05\x06 and so on";
    for (words, request, body) in [
        (
            "update-function-configuration --function-name f --memory-size 512 --description 512 --layers a b --snap-start {\"ApplyOn\":\"None\"}",
            "PUT /2015-03-31/functions/f/configuration",
            r#"{"MemorySize":512,"Description":"512","Layers":["a","b"],"SnapStart":{"ApplyOn":"None"}}"#,
        ),
        (
            "configure f --memory 512 --timeout 30 --env A=b --env C=d=e",
            "PUT /2015-03-31/functions/f/configuration",
            r#"{"MemorySize":512,"Timeout":30,"Environment":{"Variables":{"A":"b","C":"d=e"}}}"#,
        ),
        (
            "create f --role r --runtime provided.al2023 --handler bootstrap --code code.zip --tags a=b,c=d --publish",
            "POST /2015-03-31/functions",
            r#"{"FunctionName":"f","Role":"r","Runtime":"provided.al2023","Handler":"bootstrap","Code":{"ZipFile":"UEsFBiBhbmQgc28gb24="},"Tags":{"a":"b","c":"d"},"Publish":true}"#,
        ),
        (
            "create-function --function-name f --role r --code {\"ImageUri\":\"i\"} --package-type Image --publish=false",
            "POST /2015-03-31/functions",
            r#"{"FunctionName":"f","Role":"r","Code":{"ImageUri":"i"},"PackageType":"Image","Publish":false}"#,
        ),
        (
            "deploy f --code s3://bucket/a/b.zip --architectures arm64",
            "PUT /2015-03-31/functions/f/code",
            r#"{"S3Bucket":"bucket","S3Key":"a/b.zip","Architectures":["arm64"]}"#,
        ),
        (
            "update-function-code --function-name f --zip-file fileb://code.zip --param DryRun=true",
            "PUT /2015-03-31/functions/f/code",
            r#"{"ZipFile":"UEsFBiBhbmQgc28gb24=","DryRun":true}"#,
        ),
        (
            "layer publish l --code code.zip --runtimes python3.13",
            "POST /2018-10-31/layers/l/versions",
            r#"{"Content":{"ZipFile":"UEsFBiBhbmQgc28gb24="},"CompatibleRuntimes":["python3.13"]}"#,
        ),
        (
            "concurrency f 5",
            "PUT /2017-10-31/functions/f/concurrency",
            r#"{"ReservedConcurrentExecutions":5}"#,
        ),
        (
            "concurrency f 5 --provisioned --qualifier live",
            "PUT /2019-09-30/functions/f/provisioned-concurrency?Qualifier=live",
            r#"{"ProvisionedConcurrentExecutions":5}"#,
        ),
        (
            "map f --source arn:aws:sqs:us-east-1:1:q --batch-size 10 --starting-position-timestamp 1970-01-01T00:01:00Z",
            "POST /2015-03-31/event-source-mappings",
            r#"{"FunctionName":"f","EventSourceArn":"arn:aws:sqs:us-east-1:1:q","BatchSize":10,"StartingPositionTimestamp":60}"#,
        ),
        (
            "update-event-source-mapping --uuid u --no-enabled --bisect-batch-on-function-error",
            "PUT /2015-03-31/event-source-mappings/u",
            r#"{"Enabled":false,"BisectBatchOnFunctionError":true}"#,
        ),
        (
            // This ARN does not say where the function is.
            "add-permission --function-name f --statement-id s --action a --principal p --source-arn arn:aws:lambda:eu-west-1:1:function:g",
            "POST /2015-03-31/functions/f/policy",
            r#"{"StatementId":"s","Action":"a","Principal":"p","SourceArn":"arn:aws:lambda:eu-west-1:1:function:g"}"#,
        ),
        (
            "publish f --body {\"Description\":\"body\",\"New\":[1]} --description option",
            "POST /2015-03-31/functions/f/versions",
            r#"{"Description":"option","New":[1]}"#,
        ),
        (
            "list --max-items 5",
            "GET /2015-03-31/functions?MaxItems=5",
            "null",
        ),
        (
            "get f --qualifier 1",
            "GET /2015-03-31/functions/f?Qualifier=1",
            "null",
        ),
        ("delete f", "DELETE /2015-03-31/functions/f", "null"),
    ] {
        let words: Vec<_> = words.split(' ').collect();
        let (found, json) = sent(&words, &[("code.zip", zip)]);
        assert_eq!(found, request);
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(json, body, "{words:?}");
    }
}

#[test]
fn a_folder_is_zipped_always_the_same() {
    let files: [(&str, &[u8]); 2] = [("code/b/c.txt", b"text"), ("code/app.py", b"print(1)")];
    let zip = || sent(&["deploy", "f", "--code", "code"], &files).1["ZipFile"].clone();
    let (one, other) = (zip(), zip());
    assert_eq!(one, other);
    assert!(one.as_str().unwrap().starts_with("UEsDB"), "{one}");
}

#[test]
fn code_that_lambda_would_not_take() {
    let server = lambda();
    let mut large = run(&server).args(["deploy", "f", "--code", "large.zip"]);
    let file = std::fs::File::create(large.home.path().join("large.zip")).unwrap();
    file.set_len(50 * 1024 * 1024 + 1).unwrap();
    large.run_and_keep().fails(
        2,
        "'large.zip' is 52428801 bytes zipped: Lambda takes at most 52428800 (50 MB)",
    );
    for (code, exit, line) in [
        ("text.txt", 2, "'text.txt' is no ZIP archive"),
        ("nope", 26, "cannot read 'nope' (from --code)"),
        (
            "s3://bucket",
            2,
            "--code s3://bucket: it is s3://BUCKET/KEY",
        ),
    ] {
        let run = run(&server).file("text.txt", "text");
        run.args(["deploy", "f", "--code", code])
            .run()
            .fails(exit, line);
    }
    assert!(server.hits().is_empty());
}

#[test]
fn an_alias_is_changed_where_it_is_and_made_where_it_is_not() {
    for (there, method, path) in [
        (true, "PUT", "/2015-03-31/functions/f/aliases/live"),
        (false, "POST", "/2015-03-31/functions/f/aliases"),
    ] {
        let server = Server::start(move |hit| {
            assert!(hit.verify(REGION, "lambda").is_ok());
            match hit.method.as_str() {
                "GET" if !there => response("404 Not Found", &[], "{\"Message\":\"no\"}"),
                method => response("200 OK", &[], &format!("{{\"by\":\"{method}\"}}")),
            }
        });
        let words = ["alias", "f", "live", "--version", "3", "--shift", "2=0.25"];
        let outcome = run(&server).args(words).run();
        assert_eq!(
            outcome.succeeds().stdout(),
            format!("{{\"by\":\"{method}\"}}")
        );
        let hits = server.hits();
        assert_eq!(hits.len(), 2);
        assert_eq!(
            (hits[1].method.as_str(), hits[1].target.as_str()),
            (method, path)
        );
        let body: serde_json::Value = serde_json::from_slice(&hits[1].body).unwrap();
        assert_eq!(body["FunctionVersion"], "3");
        assert_eq!(body["RoutingConfig"]["AdditionalVersionWeights"]["2"], 0.25);
    }
}

#[test]
fn all_pages_are_one_answer() {
    let pages = |hit: &super::support::server::Hit| {
        assert!(hit.verify(REGION, "lambda").is_ok());
        let body = match hit.target.split_once('?').map_or("", |(_, query)| query) {
            "MaxItems=2" => "{\"Functions\":[{\"n\":1.0},{\"n\":2}],\"NextMarker\":\"a/b\"}",
            "Marker=a%2Fb&MaxItems=2" => "{\"NextMarker\":\"c\",\"Functions\":[]}",
            "Marker=c&MaxItems=2" => "{\"Functions\":[{\"n\":3}],\"NextMarker\":null}",
            other => panic!("{other}"),
        };
        response("200 OK", &[], body)
    };
    let server = Server::start(pages);
    let outcome = run(&server)
        .args(["list", "--all", "--max-items", "2"])
        .run();
    assert_eq!(
        outcome.succeeds().stdout(),
        "{\"Functions\":[{\"n\":1.0},{\"n\":2},{\"n\":3}]}\n"
    );
    assert_eq!(server.hits().len(), 3);

    // Without --all it is the page, as it came.
    let server = Server::start(pages);
    let outcome = run(&server).args(["list", "--max-items", "2"]).run();
    assert!(
        outcome
            .succeeds()
            .stdout()
            .contains("\"NextMarker\":\"a/b\"")
    );

    let server = Server::start(|_| response("403 Forbidden", &[], "{\"Message\":\"no\"}"));
    let outcome = run(&server).args(["list", "--all", "--no-hints"]).run();
    outcome.fails(22, "the server answered 403 Forbidden");
    assert_eq!(outcome.stdout(), "{\"Message\":\"no\"}");

    let server = Server::start(|_| response("200 OK", &[], "{\"NextMarker\":\"x\"}"));
    let outcome = run(&server).args(["list", "--all"]).run();
    outcome.fails(
        8,
        "--all: the answer is no page of Functions: its marker was there before",
    );
}

#[test]
fn what_is_wrong_is_said() {
    for (words, line) in [
        ("list-nothing", "lambda: no command 'list-nothing'"),
        (
            "configure f --memory much",
            "--memory-size: 'much' is no whole number",
        ),
        ("configure f --layers [1]", "--layers: takes texts"),
        (
            "configure f --vpc-config x",
            "--vpc-config: takes a JSON object",
        ),
        ("configure f --env A", "--env A: it is NAME=VALUE"),
        (
            "configure f --param Nope=1",
            "--param Nope=1: UpdateFunctionConfiguration has no such",
        ),
        ("configure f --body [", "--body is no JSON object"),
        (
            "alias f live --version 1 --shift 2=7",
            "--shift takes VERSION=PART",
        ),
        ("get", "the following required arguments were not provided"),
        ("list --output table", "--output table is not here"),
        ("list --all -i", "--all makes one answer of many"),
        (
            "create-alias --function-name f --name a",
            "create-alias needs --function-version",
        ),
    ] {
        let server = lambda();
        let outcome = run(&server).args(words.split(' ')).run();
        outcome.fails(2, line);
        assert!(server.hits().is_empty(), "{words}");
    }
    Sigcurl::new()
        .args(["lambda"])
        .run()
        .fails(2, "lambda: no command (see");
}

#[test]
fn help_is_at_hand() {
    let help = |words: &[&str]| {
        let outcome = Sigcurl::bare()
            .args(["lambda"])
            .args(words.iter().copied())
            .run();
        outcome.succeeds().stdout().to_owned()
    };
    assert!(help(&["--help"]).contains("\n  list-functions "));
    let update = help(&["update-function-configuration", "--help"]);
    assert!(update.contains("PUT /2015-03-31/functions/{FunctionName}/configuration; answers 200"));
    assert!(update.contains("--memory-size <N>"));
    assert!(help(&["deploy", "-h"]).contains("--code <CODE>"));
    assert!(help(&["invoke", "--help"]).contains("--client-context <JSON>"));
}
