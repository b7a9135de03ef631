//! Classifies failed calls: invalid credentials, no connection, or a gap of this call only.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::model::GapKind;

/// A failed call.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// Invalid credentials: every call fails.
    Credentials(String),
    /// No connection: every call fails.
    Unreachable(String),
    /// Only this call failed.
    Gap(GapKind, String),
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
/// Error codes for missing, expired or invalid credentials.
const CREDENTIALS: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "OptInRequired",
];

impl Failure {
    /// Classifies an SDK error.
    pub fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        let text = message(error);
        match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or_default();
                let shown = match service.err().message() {
                    Some(message) => short(&format!("{code}: {message}")),
                    None if code.is_empty() => text,
                    None => short(code),
                };
                match code {
                    code if DENIED.contains(&code) => Self::Gap(GapKind::Denied, shown),
                    code if THROTTLED.contains(&code) => Self::Gap(GapKind::Throttled, shown),
                    code if CREDENTIALS.contains(&code) => Self::Credentials(shown),
                    _ => Self::Gap(GapKind::Failed, shown),
                }
            }
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                Self::Unreachable(text)
            }
            SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_)
                if text.contains("redentials") =>
            {
                Self::Credentials(text)
            }
            SdkError::TimeoutError(_) => Self::Gap(GapKind::Failed, format!("the call timed out ({text})")),
            SdkError::ResponseError(_) => Self::Gap(
                GapKind::Failed,
                format!("the answer does not come from AWS; a proxy may have sent it ({text})"),
            ),
            _ => Self::Gap(GapKind::Failed, text),
        }
    }
}

/// The error with its causes in one line.
fn message(error: &(dyn std::error::Error + 'static)) -> String {
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !messages.contains(&text) {
            messages.push(text);
        }
        cause = inner.source();
    }
    short(&messages.join(": "))
}

/// The text without control characters, at most 300 characters.
fn short(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.chars().take(300).collect()
}
