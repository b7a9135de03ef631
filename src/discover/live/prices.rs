//! Reads the current list prices of the region.
//!
//! If they cannot be read before the timeout, `assets/prices.json` is used.
//!
//! The Price List API has endpoints in a few Regions only
//! (<https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html>).

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_pricing::types::{Filter, FilterType};

use super::reader::{Reader, pages};
use crate::discover::price_list;
use crate::model::{Call, ListPrices, Region};

/// Region of the Price List API endpoint.
const ENDPOINT_REGION: &str = "us-east-1";
/// Timeout of one call.
const TIMEOUT: Duration = Duration::from_secs(6);

/// The prices; `None` if none could be read.
pub(super) async fn list_prices(reader: &Reader, config: &SdkConfig, region: &Region) -> Option<ListPrices> {
    let timeouts = aws_config::timeout::TimeoutConfig::builder().operation_timeout(TIMEOUT).build();
    let settings = aws_sdk_pricing::config::Builder::from(config)
        .region(aws_config::Region::from_static(ENDPOINT_REGION))
        .timeout_config(timeouts)
        .build();
    let client = aws_sdk_pricing::Client::from_conf(settings);
    let (nats, vpc, addresses) = futures::join!(
        products(reader, &client, region, "AmazonEC2", ("productFamily", "NAT Gateway")),
        products(reader, &client, region, "AmazonVPC", ("productFamily", "VpcEndpoint")),
        products(reader, &client, region, "AmazonVPC", ("group", "VPCPublicIPv4Address")),
    );
    let read = price_list::prices(nats.iter().chain(&vpc).chain(&addresses).map(String::as_str));
    (read != ListPrices::default()).then_some(read)
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
