//! The reasons why a call failed, each with its sentence for the user.
//!
//! Owns the words: what came back, and which permission or setting helps. Sends no calls. A sentence never contains the text of
//! the SDK, which has offsets of a parser and names of types.

use super::request::TimeLimits;
use crate::model::{Call, GapKind};

/// The reason why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The credentials do not allow the call.
    Denied {
        /// The error code, `UnauthorizedOperation`.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// AWS throttled every attempt.
    Throttled {
        /// The error code.
        code: String,
    },
    /// AWS does not accept the credentials, or there are none.
    Credentials(CredentialsFailure),
    /// No answer within the time limit of one call.
    NoAnswer,
    /// Discovery reached its time limit.
    OutOfTime,
    /// The other facts are complete, and this call had no answer within the time for facts that only refine the answer.
    NotAwaited,
    /// No connection, or it ended before the answer was complete.
    Connection,
    /// The answer is a web page, for example of a proxy.
    WebPage,
    /// The answer is not complete, or not in the format of AWS.
    Unreadable,
    /// AWS or a proxy answered with an error status, and without an error of AWS.
    Status(u16),
    /// AWS reports a failure on its side in every attempt.
    Internal {
        /// The error code, or the HTTP status.
        code: String,
    },
    /// Another error of AWS.
    Service {
        /// The error code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// The answer is longer than a limit of egress-doctor.
    PastLimit(String),
    /// The request could not be sent, for another reason.
    NotSent,
}

/// Why AWS does not accept the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CredentialsFailure {
    /// The credential chain has no credentials.
    Missing,
    /// They expired.
    Expired,
    /// AWS does not know or accept them; the error code.
    Rejected(String),
    /// The profile does not exist.
    NoProfile,
    /// The SSO login of the profile is missing or expired.
    NoSsoLogin,
    /// The program of `credential_process` failed.
    Process,
    /// They could not be loaded for another reason.
    NotLoaded,
}

/// Error codes for a missing permission.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorized",
    "AuthorizationError",
];
/// Error codes for throttling, returned after all retries failed.
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
    "RequestThrottled",
];
/// Error codes for expired credentials.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired"];
/// Error codes for credentials that AWS does not accept.
const REJECTED: &[&str] = &[
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "OptInRequired",
];
/// Error codes for a failure on the side of AWS.
const INTERNAL: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServiceErrorException",
    "ServiceUnavailable",
    "Unavailable",
];

impl Failure {
    /// The failure of an error that AWS returned.
    pub fn of_code(code: &str, message: &str) -> Self {
        let code = short(code);
        match code.as_str() {
            text if DENIED.contains(&text) => Self::Denied { code, message: short(message) },
            text if THROTTLED.contains(&text) => Self::Throttled { code },
            text if EXPIRED.contains(&text) => Self::Credentials(CredentialsFailure::Expired),
            text if REJECTED.contains(&text) => Self::Credentials(CredentialsFailure::Rejected(code)),
            text if INTERNAL.contains(&text) => Self::Internal { code },
            _ => Self::Service { code, message: short(message) },
        }
    }

    /// Whether AWS answered, so that there is a connection.
    pub fn is_answer(&self) -> bool {
        match self {
            Self::Denied { .. }
            | Self::Throttled { .. }
            | Self::Credentials(_)
            | Self::Internal { .. }
            | Self::Service { .. }
            | Self::PastLimit(_) => true,
            Self::NoAnswer
            | Self::OutOfTime
            | Self::NotAwaited
            | Self::Connection
            | Self::WebPage
            | Self::Unreadable
            | Self::Status(_)
            | Self::NotSent => false,
        }
    }

    /// The kind of the gap.
    pub fn kind(&self) -> GapKind {
        match self {
            Self::Denied { .. } => GapKind::Denied,
            Self::Throttled { .. } => GapKind::Throttled,
            Self::PastLimit(_) => GapKind::Partial,
            _ => GapKind::Failed,
        }
    }

    /// What came back and what helps, as a sentence without a full stop. It follows the name of the call and the kind of the gap.
    pub fn sentence(&self, call: Call, limits: TimeLimits) -> String {
        let action = call.iam_action().unwrap_or(call.name());
        match self {
            Self::Denied { code, message } => {
                let reason = reason(message).map_or_else(String::new, |reason| format!(" {reason}"));
                format!(
                    "{code}: the credentials do not allow this call{reason}; allow {action} \
                     (egress-doctor iam-policy prints the whole policy)"
                )
            }
            Self::Throttled { code } => format!(
                "{code}: AWS throttled every attempt, because programs in this account send too many calls; \
                 read again in a minute"
            ),
            Self::Credentials(failure) => format!("{failure}, and read again"),
            Self::NoAnswer => format!(
                "no answer within {} s; check the network and the proxy, and read again",
                limits.call().as_secs()
            ),
            Self::OutOfTime => format!(
                "no answer within {} s, the limit of the whole discovery; give a longer --timeout",
                limits.discovery().as_secs()
            ),
            Self::NotAwaited => format!(
                "no answer within {} s after all other answers; run the command again",
                limits.refinement().as_secs()
            ),
            Self::Connection => {
                "the connection failed or ended before the answer was complete; check the network and the proxy, and \
                 read again"
                    .to_owned()
            }
            Self::WebPage => {
                "the answer does not come from AWS: it is a web page, which a proxy may have sent; check \
                 HTTPS_PROXY and the login to the proxy"
                    .to_owned()
            }
            Self::Unreadable => {
                "the answer is incomplete, or does not come from AWS; check the network and the proxy, and read again"
                    .to_owned()
            }
            Self::Status(status) => format!(
                "the answer is HTTP status {status} without an error of AWS; a proxy may have sent it: check HTTPS_PROXY and \
                 --endpoint-url"
            ),
            Self::Internal { code } => {
                format!("{code}: AWS reports a failure on its side in every attempt; read again later")
            }
            Self::Service { code, .. } if call == Call::FilterLogEvents && code == "ResourceNotFoundException" => {
                "the log group does not exist: the service has not written a line, or its log group was deleted"
                    .to_owned()
            }
            Self::Service { code, message } if message.is_empty() => format!("AWS answers {code}"),
            Self::Service { code, message } => format!("{code}: AWS answers \"{}\"", message.trim_end_matches('.')),
            Self::PastLimit(message) => message.clone(),
            Self::NotSent => {
                "the request could not be sent; check the region, the profile and --endpoint-url".to_owned()
            }
        }
    }
}

impl std::fmt::Display for CredentialsFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "no AWS credentials were found: set AWS_PROFILE or --profile, or log in again with `aws sso login`",
            ),
            Self::Expired => f.write_str(
                "the AWS credentials expired: log in again, for example with `aws sso login`, or set new ones",
            ),
            Self::NoProfile => f.write_str(
                "the AWS profile does not exist: check AWS_PROFILE and --profile; `aws configure list-profiles` lists \
                 the profiles",
            ),
            Self::NoSsoLogin => {
                f.write_str("the AWS profile has no valid SSO login: log in again with `aws sso login`")
            }
            Self::Process => f.write_str(
                "the program of credential_process in the AWS profile failed: run it in a shell to see its error",
            ),
            Self::NotLoaded => f.write_str(
                "the AWS credentials could not be loaded: check the profile with `aws sts get-caller-identity`",
            ),
            Self::Rejected(code) => write!(
                f,
                "AWS does not accept the credentials ({code}): set AWS_PROFILE or --profile, or log in again with \
                 `aws sso login`"
            ),
        }
    }
}

/// Why the credential chain has no credentials, by the messages of the SDK; `None` if they are not about credentials.
pub(super) fn credentials(messages: &str) -> Option<CredentialsFailure> {
    const SIGNS: [(&str, CredentialsFailure); 8] = [
        ("was not defined", CredentialsFailure::NoProfile),
        ("external process", CredentialsFailure::Process),
        ("/sso/cache/", CredentialsFailure::NoSsoLogin),
        ("SSO", CredentialsFailure::NoSsoLogin),
        ("expired", CredentialsFailure::Expired),
        ("IMDS", CredentialsFailure::Missing),
        ("not enabled", CredentialsFailure::Missing),
        ("redential", CredentialsFailure::NotLoaded),
    ];
    SIGNS.into_iter().find(|(sign, _)| messages.contains(sign)).map(|(_, failure)| failure)
}

/// The part of AWS's message that names the policy that decided.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>: `... because no identity-based policy
/// allows the ec2:DescribeVpcs action` or `... with an explicit deny in a service control policy`.
fn reason(message: &str) -> Option<String> {
    let from = ["because no ", "with an explicit deny"].iter().find_map(|start| message.find(start))?;
    let sentence = message.get(from..)?.split(['.', '\n']).next()?;
    Some(sentence.trim().to_owned())
}

/// The text without control characters, at most 300 characters.
fn short(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_call_names_the_permission_and_the_policy_that_decided() {
        let sentence = |message: &str| {
            Failure::of_code("UnauthorizedOperation", message)
                .sentence(Call::DescribeRouteTables, TimeLimits::default())
        };
        let help = "allow ec2:DescribeRouteTables (egress-doctor iam-policy prints the whole policy)";
        assert_eq!(
            sentence("You are not authorized to perform this operation."),
            format!("UnauthorizedOperation: the credentials do not allow this call; {help}")
        );
        assert_eq!(
            sentence(
                "User: arn:aws:sts::1:assumed-role/ci is not authorized to perform: ec2:DescribeRouteTables with an explicit \
                 deny in a service control policy. Encoded authorization failure message: AAAA"
            ),
            format!(
                "UnauthorizedOperation: the credentials do not allow this call with an explicit deny in a service control \
                 policy; {help}"
            )
        );
    }

    #[test]
    fn the_reason_for_missing_credentials_is_recognised() {
        let cases = [
            (
                "no credentials found in chain: Environment: the credential provider was not enabled",
                Some(CredentialsFailure::Missing),
            ),
            (
                "the credential provider was not enabled: profile `x` was not defined",
                Some(CredentialsFailure::NoProfile),
            ),
            (
                "an error occurred while loading credentials: failed to load IMDS session token",
                Some(CredentialsFailure::Missing),
            ),
            ("failed to read `~/.aws/sso/cache/39.json`: No such file", Some(CredentialsFailure::NoSsoLogin)),
            (
                "Error retrieving credentials: external process exited with code 1",
                Some(CredentialsFailure::Process),
            ),
            ("an invalid endpoint", None),
        ];
        for (messages, expected) in cases {
            assert_eq!(credentials(messages), expected, "{messages}");
        }
    }

    #[test]
    fn each_error_code_has_its_kind() {
        let kind = |code: &str| Failure::of_code(code, "text").kind();
        assert_eq!(kind("AccessDeniedException"), GapKind::Denied);
        assert_eq!(kind("RequestLimitExceeded"), GapKind::Throttled);
        assert_eq!(kind("InternalError"), GapKind::Failed);
        assert_eq!(
            Failure::of_code("ExpiredTokenException", ""),
            Failure::Credentials(CredentialsFailure::Expired)
        );
        assert_eq!(
            Failure::of_code("Odd\u{1b}[2J", "It is\nodd.")
                .sentence(Call::DescribeVpcs, TimeLimits::default()),
            "Odd [2J: AWS answers \"It is odd\""
        );
    }
}
