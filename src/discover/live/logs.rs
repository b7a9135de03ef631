//! Reads a service's application log from `CloudWatch` Logs: the recent lines that can describe a failure.
//!
//! <https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cwl.html>: the log group is
//! `/aws/apprunner/NAME/ID/application`. `CloudWatch` Logs filters the lines by terms
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>). `evidence`
//! reads the result like any other log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use jiff::Timestamp;

use super::answer_limit::client;
use super::config::configure;
use super::reader::{Answer, Reader};
use crate::discover::error::DiscoverError;
use crate::discover::limits;
use crate::discover::request::{LiveRequest, Progress, ServiceLog};
use crate::evidence::read_log;
use crate::model::Call;

/// A line matches if it contains any of these terms. `CloudWatch` Logs allows 1,024 characters.
const FILTER_PATTERN: &str = r#"?"imed out" ?imeout ?"ime-out" ?TIMEDOUT ?xpired ?eadline ?refused ?REFUSED ?reset ?RESET ?nreachable ?UNREACH ?"o route" ?resol ?NOTFOUND ?EAI_ ?getaddrinfo ?nknownHost ?"uch host" ?"ot known" ?onnect ?ENOTFOUND ?"hang up" ?roken ?closed ?EOF ?SSL ?TLS ?x509 ?ertificate ?roxy ?enied ?orbidden ?uthoriz ?redential ?oken ?ignature ?hrottl ?xceeded ?edirect ?Caused ?raceback ?rror ?xception"#;

/// Reads the application log of a service. `back` is the age of the oldest line that is read.
///
/// # Errors
/// No region is configured, or an endpoint URL is invalid. A denied or failed call becomes a gap in the result.
pub async fn read_service_log(
    request: &LiveRequest,
    service_arn: &str,
    back: Duration,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<ServiceLog, DiscoverError> {
    let config = configure(request).await?;
    if config.region().is_none() {
        return Err(DiscoverError::NoRegion);
    }
    let reader = Reader::new(&config, request.limits, Arc::new(progress));
    let mut log = service_log(&reader, &config, service_arn, back).await;
    log.gaps = reader.gaps();
    Ok(log)
}

/// Reads the application log of a service. A denied or failed call becomes a gap of the reader.
pub(super) async fn service_log(
    reader: &Reader,
    config: &SdkConfig,
    service_arn: &str,
    back: Duration,
) -> ServiceLog {
    let client = client!(aws_sdk_cloudwatchlogs, config);
    let Some(group) = log_group(service_arn) else {
        return ServiceLog::default();
    };
    let now = Timestamp::now();
    let since = now.as_millisecond() - i64::try_from(back.as_millis()).unwrap_or(i64::MAX);
    let is_cut = std::sync::atomic::AtomicBool::new(false);
    let call = async {
        let mut answer = Answer::new();
        let mut token: Option<String> = None;
        let mut bytes = 0;
        loop {
            let request = client
                .filter_log_events()
                .log_group_name(&group)
                .start_time(since)
                .filter_pattern(FILTER_PATTERN)
                .set_next_token(token.take());
            let mut next = None;
            let is_read = answer.page(request.send().await, |page| {
                next = page.next_token;
                let events = page.events.unwrap_or_default();
                bytes +=
                    events.iter().filter_map(|event| event.message.as_ref()).map(String::len).sum::<usize>();
                events
            });
            let Some(next) = next.filter(|next| is_read && !next.is_empty()) else { return answer };
            if limits::is_log_full(answer.pages, answer.items.len(), bytes) {
                is_cut.store(true, std::sync::atomic::Ordering::Relaxed);
                return answer;
            }
            token = Some(next);
        }
    };
    let events = Box::pin(reader.read(Call::FilterLogEvents, &group, call)).await;
    let is_cut = is_cut.into_inner();
    // Keep the lines of one log stream (one instance) together, in time order: a stack trace has several
    // lines.
    let mut streams: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for event in events {
        let time = event.timestamp.unwrap_or_default();
        let stream = event.log_stream_name.unwrap_or_default();
        streams.entry(stream).or_default().push((time, event.message.unwrap_or_default()));
    }
    let mut text = String::new();
    for lines in streams.values_mut() {
        lines.sort_by_key(|(time, _)| *time);
        for (_, line) in lines {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    let reading = read_log(text.as_bytes()).unwrap_or_default();
    ServiceLog { group, findings: reading.findings, lines: reading.lines, is_cut, gaps: Vec::new() }
}

/// The log group of a service ARN, `arn:aws:apprunner:us-west-2:123456789012:service/NAME/ID`.
fn log_group(service_arn: &str) -> Option<String> {
    let mut parts = service_arn.rsplit(':').next()?.strip_prefix("service/")?.split('/');
    let (name, id) = (parts.next()?, parts.next()?);
    Some(format!("/aws/apprunner/{name}/{id}/application"))
}
