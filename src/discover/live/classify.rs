//! Classifies the errors of the SDK as a [`Failure`].

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::answer_limit::is_past_limit;
use crate::discover::failure::{Failure, credentials};
use crate::discover::limits;

/// The failure of an SDK error.
pub(super) fn failure<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let code = service.err().code().unwrap_or_default();
            match code {
                "" if is_web_page(service.raw()) => Failure::WebPage,
                "" if status >= 500 => Failure::Internal { code: format!("HTTP status {status}") },
                "" => Failure::Status(status),
                code => Failure::of_code(code, service.err().message().unwrap_or_default()),
            }
        }
        SdkError::TimeoutError(_) => Failure::NoAnswer,
        _ if is_past_limit(error) => Failure::PastLimit(limits::past_answer()),
        SdkError::ResponseError(response) if is_web_page(response.raw()) => Failure::WebPage,
        SdkError::ResponseError(response) if response.raw().status().as_u16() >= 400 => {
            Failure::Status(response.raw().status().as_u16())
        }
        SdkError::ResponseError(_) => Failure::Unreadable,
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => Failure::Connection,
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
            credentials(&causes(error)).map_or(Failure::NotSent, Failure::Credentials)
        }
        _ => Failure::NotSent,
    }
}

/// Whether the answer is HTML.
fn is_web_page(response: &HttpResponse) -> bool {
    let is_html = |kind: &str| kind.to_ascii_lowercase().contains("html");
    let start = response.body().bytes().unwrap_or_default().iter().take(256);
    let start: String = start.map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    response.headers().get("content-type").is_some_and(is_html)
        || start.contains("<html")
        || start.contains("<!doctype html")
}

/// The messages of an error and its causes, to recognise the cause. They are not shown.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
