//! What a failed call means.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::model::GapKind;

/// A failed call.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// Every call will fail so: nobody accepts the credentials.
    Credentials(String),
    /// Every call will fail so: nobody answers.
    Unreachable(String),
    /// This call alone.
    Gap(GapKind, String),
}

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorized",
    "AuthorizationError",
];
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
    "RequestThrottled",
];
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
                    Some(words) => short(&format!("{code}: {words}")),
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
            SdkError::TimeoutError(_) => Self::Gap(GapKind::Failed, format!("no answer in time ({text})")),
            SdkError::ResponseError(_) => Self::Gap(
                GapKind::Failed,
                format!("the answer is not AWS's; something in between may answer for it ({text})"),
            ),
            _ => Self::Gap(GapKind::Failed, text),
        }
    }
}

/// The error with its causes, in one line.
fn message(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.contains(&text) {
            words.push(text);
        }
        cause = inner.source();
    }
    short(&words.join(": "))
}

/// Without control characters, and no longer than fits a screen.
fn short(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.chars().take(300).collect()
}
