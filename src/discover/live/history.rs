//! Reads the last changes of resources from AWS CloudTrail.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>: management events of the last 90
//! days, at most two calls per second.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use jiff::{SignedDuration, Timestamp};

use super::answer_limit::client;
use super::config::configure;
use super::reader::{Answer, Reader};
use crate::discover::cloudtrail_event::{Event, change};
use crate::discover::error::DiscoverError;
use crate::discover::request::{LiveRequest, Progress, ReadHistory};
use crate::model::{Call, ComponentHistory, RecordedChange, ResourceId};

/// The time between two calls.
const PAUSE: Duration = Duration::from_millis(550);
/// How far back CloudTrail has events.
const PERIOD: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Number of changes of one resource that are enough.
const CHANGES: usize = 5;
/// Number of pages of one resource, of 50 events each.
const PAGES: usize = 4;

/// Reads the last changes of each resource.
///
/// # Errors
/// No region is configured, or an endpoint URL is invalid. A denied or failed call becomes a gap in the result.
pub async fn read_history(
    request: &LiveRequest,
    components: &[ResourceId],
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<ReadHistory, DiscoverError> {
    let config = configure(request).await?;
    if config.region().is_none() {
        return Err(DiscoverError::NoRegion);
    }
    let reader = Reader::new(&config, request.limits, Arc::new(progress));
    let client = client!(aws_sdk_cloudtrail, &config);
    let mut history = Vec::new();
    for (number, component) in components.iter().enumerate() {
        if number > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let Some(read) = Box::pin(changes_of(&reader, &client, component)).await else { break };
        history.push(read);
    }
    Ok(ReadHistory { history, gaps: reader.gaps() })
}

/// The last changes of a resource; `None` if a call failed.
async fn changes_of(
    reader: &Reader,
    client: &aws_sdk_cloudtrail::Client,
    component: &ResourceId,
) -> Option<ComponentHistory> {
    let name = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::ResourceName)
        .attribute_value(component.as_str())
        .build()
        .ok()?;
    let read_at = Timestamp::now();
    let since = aws_sdk_cloudtrail::primitives::DateTime::from_secs((read_at - PERIOD).as_second());
    let is_cut = std::sync::atomic::AtomicBool::new(false);
    let call = async {
        let mut answer: Answer<RecordedChange> = Answer::new();
        let mut token: Option<String> = None;
        loop {
            let request = client
                .lookup_events()
                .lookup_attributes(name.clone())
                .start_time(since)
                .max_results(50)
                .set_next_token(token.take());
            let mut next = None;
            let is_read = answer.page(request.send().await, |page| {
                next = page.next_token;
                let events = page.events.unwrap_or_default();
                let change = |event: &aws_sdk_cloudtrail::types::Event| {
                    change(&Event {
                        operation: event.event_name.as_deref(),
                        at: event.event_time.map(|time| time.secs()),
                        read_only: event.read_only.as_deref(),
                        detail: event.cloud_trail_event.as_deref(),
                    })
                };
                events.iter().filter_map(change).collect()
            });
            let Some(next) = next.filter(|next| is_read && !next.is_empty()) else { return answer };
            if answer.items.len() >= CHANGES || answer.pages >= PAGES {
                is_cut.store(true, std::sync::atomic::Ordering::Relaxed);
                return answer;
            }
            token = Some(next);
            tokio::time::sleep(PAUSE).await;
        }
    };
    let mut changes = Box::pin(reader.read(Call::LookupEvents, component.as_str(), call)).await;
    if reader.has_gap(Call::LookupEvents) {
        return None;
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    let is_cut = is_cut.into_inner() || changes.len() > CHANGES;
    changes.truncate(CHANGES);
    Some(ComponentHistory { component: component.clone(), read_at, changes, is_cut })
}
