//! Reads the current list prices of the Region: from the cache, or from the Price List.
//!
//! Nothing waits for them: without them `assets/prices.json` is used.
//!
//! The Price List API has endpoints in a few Regions only
//! (<https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html>).

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_pricing::types::{Filter, FilterType};
use jiff::Timestamp;

use super::answer_limit::AnswerLimit;
use super::config::{configure, pricing_endpoint};
use super::reader::{Reader, pages};
use crate::discover::error::DiscoverError;
use crate::discover::price_cache::PriceCache;
use crate::discover::price_list;
use crate::discover::request::{LiveRequest, Progress};
use crate::model::{Call, ListPrices, Region};

/// Region of the Price List API endpoint.
const ENDPOINT_REGION: &str = "us-east-1";

/// Reads the list prices of the Region; `None` if none could be read.
///
/// # Errors
/// No region is configured, or an endpoint URL is invalid.
pub async fn read_prices(
    request: &LiveRequest,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Option<ListPrices>, DiscoverError> {
    let config = configure(request).await?;
    let region = Region::new(config.region().ok_or(DiscoverError::NoRegion)?.to_string());
    let reader = Reader::new(&config, request.limits, Arc::new(progress));
    Ok(list_prices(&reader, &config, &region, request.renew_prices).await)
}

/// The prices: those of the cache unless they are renewed, otherwise those of the Price List, which are then in the cache.
pub(super) async fn list_prices(
    reader: &Reader,
    config: &SdkConfig,
    region: &Region,
    renew: bool,
) -> Option<ListPrices> {
    let cache = PriceCache::of_user(region, pricing_endpoint(config));
    let cached = cache.as_ref().filter(|_| !renew).and_then(|cache| cache.load(Timestamp::now()));
    if cached.is_some() {
        return cached;
    }
    let read = read(reader, config, region).await?;
    let is_complete = [
        read.interface_endpoint_hour,
        read.interface_endpoint_gb,
        read.nat_gateway_hour,
        read.nat_gateway_gb,
        read.public_ipv4_hour,
    ]
    .iter()
    .all(Option::is_some);
    if let Some(cache) = cache.filter(|_| is_complete) {
        cache.save(&read);
    }
    Some(read)
}

/// A client of the Price List.
pub(super) fn client(config: &SdkConfig) -> aws_sdk_pricing::Client {
    let settings = aws_sdk_pricing::config::Builder::from(config)
        .region(aws_config::Region::from_static(ENDPOINT_REGION))
        .interceptor(AnswerLimit)
        .build();
    aws_sdk_pricing::Client::from_conf(settings)
}

/// The products that a fix needs, of this Region only.
async fn read(reader: &Reader, config: &SdkConfig, region: &Region) -> Option<ListPrices> {
    let client = client(config);
    let (nats, vpc, addresses) = futures::join!(
        products(reader, &client, region, "AmazonEC2", ("productFamily", "NAT Gateway")),
        products(reader, &client, region, "AmazonVPC", ("productFamily", "VpcEndpoint")),
        products(reader, &client, region, "AmazonVPC", ("group", "VPCPublicIPv4Address")),
    );
    let read = price_list::prices(nats.iter().chain(&vpc).chain(&addresses).map(String::as_str));
    (read != ListPrices::default()).then(|| ListPrices { read_at: Some(Timestamp::now()), ..read })
}

async fn products(
    reader: &Reader,
    client: &aws_sdk_pricing::Client,
    region: &Region,
    service: &str,
    (field, value): (&str, &str),
) -> Vec<String> {
    let filter = |field: &str, value: &str| {
        Filter::builder().r#type(FilterType::TermMatch).field(field).value(value).build().ok()
    };
    let filters: Option<Vec<Filter>> =
        [filter("regionCode", region.as_str()), filter(field, value)].into_iter().collect();
    let request = client.get_products().service_code(service).set_filters(filters);
    pages!(reader, Call::GetProducts, value, request.clone(), |page| page.price_list.unwrap_or_default())
}
