//! Limits the size of one AWS answer, because the SDK keeps a whole answer in memory.
//!
//! Owns the clients of the SDKs: [`client`] makes each one with the limit. Must not know what an answer contains.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::{LengthLimitError, Limited};

use crate::discover::limits::ANSWER_BYTES;

/// Ends an answer with an error at the limit.
#[derive(Debug)]
pub(super) struct AnswerLimit;

impl Intercept for AnswerLimit {
    fn name(&self) -> &'static str {
        "AnswerLimit"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = whole.map_preserve_contents(|part| SdkBody::from_body_1_x(Limited::new(part, ANSWER_BYTES)));
        Ok(())
    }
}

/// Whether an answer was longer than the limit, by an error and its causes.
pub(super) fn is_past_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(<dyn std::error::Error>::is::<LengthLimitError>)
}

/// A client of an SDK: `client!(aws_sdk_ec2, config)`.
macro_rules! client {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config)
                .interceptor($crate::discover::live::answer_limit::AnswerLimit)
                .build(),
        )
    };
}
pub(super) use client;
