//! `sigcurl verify`: whether a request that somebody signed is good, and if not, why.

mod advice;
mod verdict;

use std::io::{self, Read, Write};

use clap::{Args, Command, FromArgMatches};
use sigv4::{
    AmzDate, AuthParams, Credentials, Explanation, KeyLookup, KnownKey, Profile, ReceivedBody,
    Refused, RequestHead, SigningKey, VerifiedPayload, Verifier, VerifyError, VerifyPolicy,
};

use self::advice::TOLERANCES;
use self::verdict::{Signed, Verdict};
use crate::args::{Moment, RequestArgs, VerifyArgs};
use crate::credentials::{self, Found};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::infer::infer;
use crate::plan::{Env, RequestPlan};
use crate::received::Received;
use crate::{run, serve};

/// `sigcurl verify`
///
/// # Errors
///
/// [`Exit::Unverified`] for a request that is not good; others if it cannot be told.
pub fn run(args: &VerifyArgs, env: Env<'_>) -> Result<(), Failure> {
    let request = received(args)?;
    let verdict = judge(args, &request, env)?;
    let text = if args.json {
        verdict.json()
    } else {
        verdict.text()
    };
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)?;
    match verdict.outcome {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::told(Exit::Unverified)),
    }
}

fn received(args: &VerifyArgs) -> Result<Received, Failure> {
    let unread = |what: String| move |error| Failure::because(Exit::Read, what, error);
    let wrong = |why: String| Failure::usage(format!("no request to verify: {why}"));
    let mut request = match args.input.as_deref() {
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
            Received::of_url(url, &args.request, &args.header).map_err(wrong)?
        }
        input => {
            if args.request != "GET" || !args.header.is_empty() {
                return Err(Failure::usage(
                    "-X and -H are for a URL: a whole request has its own",
                ));
            }
            let mut text = Vec::new();
            match input {
                None | Some("-") => {
                    io::stdin()
                        .read_to_end(&mut text)
                        .map_err(unread("cannot read the request".to_owned()))?;
                }
                Some(file) => {
                    text = std::fs::read(file)
                        .map_err(unread(format!("cannot read the request from {file}")))?;
                }
            }
            Received::read(&text, args.entry).map_err(wrong)?
        }
    };
    if args.no_body {
        request.body = None;
    }
    Ok(request)
}

fn judge(args: &VerifyArgs, request: &Received, env: Env<'_>) -> Result<Verdict, Failure> {
    let headers = request.borrowed();
    let head = request.head(&headers);
    let claims = head
        .map_err(VerifyError::Request)
        .and_then(|head| AuthParams::parse(&head));
    let signed = claims.as_ref().ok().map(Signed::of);
    let of_scope =
        |part: fn(&Signed) -> &String| signed.as_ref().map(|signed| part(signed).clone());
    let service = args
        .service
        .clone()
        .or_else(|| of_scope(|signed| &signed.service))
        .or_else(|| by_host(request))
        .unwrap_or_else(|| "execute-api".to_owned());
    let region = args
        .region
        .clone()
        .or_else(|| of_scope(|signed| &signed.region))
        .unwrap_or_else(|| "us-east-1".to_owned());
    let profile = match &args.profile_of {
        Some(name) => serve::profile(name)?,
        None => Profile::for_service(&service),
    };
    let now = match (args.at, &signed) {
        (Some(Moment::At(time)), _) => time,
        (Some(Moment::Signed), Some(signed)) => signed.date,
        _ => AmzDate::now(),
    };
    let mut policy = VerifyPolicy::for_service(&service);
    if let Some(seconds) = args.max_skew {
        policy.max_skew = seconds;
    }
    let mut verdict = Verdict::new(profile, signed);
    if verdict.signed.is_some() && (args.service.is_none() || args.region.is_none()) {
        verdict.notes.push(format!(
            "the server is taken to be one for {region}/{service}: --region and --service say otherwise"
        ));
    }
    let outcome = match (&head, claims) {
        (_, Err(error)) => Err(error),
        (Err(error), _) => Err(VerifyError::Request(*error)),
        (Ok(head), Ok(claims)) => {
            let case = Case {
                head,
                body: body(request),
                region: &region,
                service: &service,
                now,
            };
            case.outcome(args, &claims, policy, &mut verdict, env)?
        }
    };
    if let (Err(error), Ok(head)) = (&outcome, &head) {
        let mut refused = Refused::new(head).with_scope(&region, &service);
        if let Some(explanation) = &verdict.explanation {
            refused = refused.with_explanation(explanation);
        }
        verdict.refusal = Some(profile.refuse(error, &refused));
    }
    if let Err(error) = &outcome {
        verdict.advice.extend(advice::of(error, args.at.is_some()));
    }
    verdict.outcome = outcome;
    Ok(verdict)
}

/// The signing name that the host tells.
fn by_host(request: &Received) -> Option<String> {
    let host = std::str::from_utf8(request.header("host")?).ok()?;
    let target = String::from_utf8_lossy(&request.target);
    let host = host.split(':').next().unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    infer(host, path).map(|inferred| inferred.service)
}

fn body(request: &Received) -> ReceivedBody {
    request
        .body
        .as_ref()
        .map_or(ReceivedBody::Unread, ReceivedBody::of)
}

/// What is looked at, and from where.
struct Case<'a> {
    head: &'a RequestHead<'a>,
    body: ReceivedBody,
    region: &'a str,
    service: &'a str,
    now: AmzDate,
}

/// The verdict of one policy, and what it was reached from.
type Judged = (Result<&'static str, VerifyError>, Option<Explanation>);

impl Case<'_> {
    fn outcome(
        &self,
        args: &VerifyArgs,
        claims: &AuthParams,
        policy: VerifyPolicy,
        verdict: &mut Verdict,
        env: Env<'_>,
    ) -> Result<Result<&'static str, VerifyError>, Failure> {
        let verifier = self.verifier(policy.clone())?;
        // What is wrong without any key needs none to say so.
        let needs_key = match verifier.claim(self.head, self.now) {
            Ok(claim) if self.body == ReceivedBody::Unread && !claim.declares_payload() => {
                return Err(Failure::usage(
                    "the signature covers the body, and no header tells its hash: without the body nothing can be said",
                ));
            }
            claim => claim.map(|_| ()),
        };
        let keys = match needs_key {
            Ok(()) => Some(keys(args, self.region, env)?),
            Err(_) => None,
        };
        if let Some(found) = &keys
            && found.keys.access_key_id() != claims.access_key_id()
        {
            verdict.advice.push(format!(
                "the request is signed with {}, and the keys here are those of {} (from {}): give the right ones",
                claims.access_key_id(),
                found.keys.access_key_id(),
                found.from
            ));
        }
        let keys = keys.map(|found| found.keys);
        let (outcome, explanation) = self.judged(&verifier, keys.as_ref());
        verdict.explanation = explanation;
        if outcome.is_err() {
            for (name, loosen) in TOLERANCES {
                let mut looser = policy.clone();
                loosen(&mut looser);
                if looser == policy {
                    continue;
                }
                let verifier = self.verifier(looser)?;
                let passes = match &keys {
                    Some(_) => self.judged(&verifier, keys.as_ref()).0.is_ok(),
                    None => verifier.claim(self.head, self.now).is_ok(),
                };
                if passes {
                    verdict.advice.push(format!(
                        "a verifier that tolerates this lets it pass: {name}"
                    ));
                }
            }
        }
        Ok(outcome)
    }

    fn verifier(&self, policy: VerifyPolicy) -> Result<Verifier, Failure> {
        let verifier = Verifier::new(self.region, self.service)
            .map_err(|error| Failure::usage(error.to_string()))?;
        Ok(verifier.with_policy(policy))
    }

    fn judged(&self, verifier: &Verifier, keys: Option<&Credentials>) -> Judged {
        let mut claim = match verifier.claim(self.head, self.now) {
            Ok(claim) => claim,
            Err(error) => return (Err(error), None),
        };
        let explanation = claim.explain(self.body).ok();
        let keys = keys.filter(|keys| keys.access_key_id() == claim.access_key_id());
        let key = keys.map(|keys| SigningKey::derive(keys.secret(), claim.scope()));
        let token = keys.and_then(Credentials::session_token);
        let lookup = match &key {
            Some(key) => KeyLookup::Found(match token {
                Some(token) => KnownKey::new(key).with_session_token(token),
                None => KnownKey::new(key),
            }),
            None => KeyLookup::Unknown,
        };
        let outcome = claim
            .verify(lookup, self.body)
            .map(|verified| match verified.payload() {
                VerifiedPayload::Authenticated => "the body is the one that was signed",
                VerifiedPayload::MustMatch(_) => "the body was not looked at",
                VerifiedPayload::Unsigned => "the signature does not cover the body",
                _ => "the chunks of the body were not looked at",
            });
        (outcome, explanation)
    }
}

/// The keys that it should be signed with.
fn keys(args: &VerifyArgs, region: &str, env: Env<'_>) -> Result<Found, Failure> {
    let matches = RequestArgs::augment_args(Command::new("sigcurl"))
        .try_get_matches_from(["sigcurl", "https://verify.invalid/"]);
    let request = matches.and_then(|matches| RequestArgs::from_arg_matches(&matches));
    let mut request = request.map_err(|error| Failure::usage(crate::argv::complaint(&error)))?;
    request.region = Some(region.to_owned());
    request.profile.clone_from(&args.profile);
    request.access_key.clone_from(&args.access_key);
    request.secret_key.clone_from(&args.secret_key);
    request.session_token.clone_from(&args.session_token);
    let plan = RequestPlan::new(&request, env)?;
    run::on_runtime(credentials::resolve(&plan, region))
}
