//! Reads products of the AWS Price List API. The usage type of a product identifies its price.
//!
//! <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html>: each
//! product is a JSON text. A usage type starts with a short name of the Region (`USW2-NatGateway-Hours`),
//! except in us-east-1.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::model::ListPrices;

#[derive(Deserialize)]
struct Listed {
    product: Product,
    terms: Terms,
}

#[derive(Deserialize)]
struct Product {
    attributes: Attributes,
}

#[derive(Deserialize)]
struct Attributes {
    usagetype: String,
}

#[derive(Deserialize)]
struct Terms {
    #[serde(rename = "OnDemand", default)]
    on_demand: HashMap<String, Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    #[serde(default)]
    price_dimensions: HashMap<String, Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    #[serde(default)]
    begin_range: String,
    price_per_unit: Price,
}

#[derive(Deserialize)]
struct Price {
    #[serde(rename = "USD")]
    usd: Option<Decimal>,
}

/// The list prices in these products. Other products are ignored, and a price with two different values is
/// unknown.
pub(crate) fn prices<'t>(products: impl IntoIterator<Item = &'t str>) -> ListPrices {
    let mut found: HashMap<&'static str, Option<Decimal>> = HashMap::new();
    for text in products {
        let Ok(listed) = serde_json::from_str::<Listed>(text) else { continue };
        let Some(kind) = kind(&listed.product.attributes.usagetype) else { continue };
        let dimensions = listed.terms.on_demand.values().flat_map(|term| term.price_dimensions.values());
        let is_first_tier = |dimension: &&Dimension| matches!(dimension.begin_range.as_str(), "" | "0");
        let Some(usd) = dimensions.filter(is_first_tier).find_map(|dimension| dimension.price_per_unit.usd)
        else {
            continue;
        };
        found
            .entry(kind)
            .and_modify(|known| *known = known.filter(|known| *known == usd))
            .or_insert(Some(usd));
    }
    let price = |kind: &str| found.get(kind).copied().flatten().map(|usd| usd.normalize());
    ListPrices {
        read_at: None,
        interface_endpoint_hour: price("VpcEndpoint-Hours"),
        interface_endpoint_gb: price("VpcEndpoint-Bytes"),
        nat_gateway_hour: price("NatGateway-Hours"),
        nat_gateway_gb: price("NatGateway-Bytes"),
        public_ipv4_hour: price("PublicIPv4:InUseAddress"),
    }
}

/// The usage type without its Region. It must match completely: `RegionalNatGateway-Hours` is another
/// product.
fn kind(usage_type: &str) -> Option<&'static str> {
    const KINDS: [&str; 5] = [
        "VpcEndpoint-Hours",
        "VpcEndpoint-Bytes",
        "NatGateway-Hours",
        "NatGateway-Bytes",
        "PublicIPv4:InUseAddress",
    ];
    KINDS.into_iter().find(|kind| {
        usage_type.strip_suffix(kind).is_some_and(|region| {
            region.is_empty() || region.ends_with('-') && !region.trim_end_matches('-').contains('-')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(usage_type: &str, tiers: &[(&str, &str)]) -> String {
        let dimensions: Vec<String> = tiers
            .iter()
            .enumerate()
            .map(|(n, (from, usd))| {
                format!(r#""sku.t.{n}": {{"unit": "Hrs", "beginRange": "{from}", "endRange": "Inf", "pricePerUnit": {{"USD": "{usd}"}}}}"#)
            })
            .collect();
        format!(
            r#"{{"product": {{"productFamily": "x", "attributes": {{"usagetype": "{usage_type}", "regionCode": "us-west-2"}}}},
                "serviceCode": "AmazonVPC", "terms": {{"OnDemand": {{"sku.t": {{"priceDimensions": {{{}}}, "termAttributes": {{}}}}}}}}}}"#,
            dimensions.join(",")
        )
    }

    #[test]
    fn the_complete_usage_type_and_the_first_tier_select_a_price() {
        let texts = [
            product("USW2-VpcEndpoint-Hours", &[("0", "0.0100000000")]),
            product("USW2-VpcEndpoint-GWLBE-Hours", &[("0", "0.0035")]),
            product("USW2-VpcEndpoint-Bytes", &[("1048576", "0.006"), ("0", "0.01")]),
            product("NatGateway-Hours", &[("0", "0.045")]),
            product("USW2-RegionalNatGateway-Hours", &[("0", "0.9")]),
            product("USW2-USE1-NatGateway-Bytes", &[("0", "0.9")]),
            product("USW2-NatGateway-Bytes", &[("0", "0.045")]),
            product("USW2-PublicIPv4:InUseAddress", &[("0", "0.005")]),
            product("USW2-PublicIPv4:IdleAddress", &[("0", "0.9")]),
            "no json".to_owned(),
        ];
        let read = prices(texts.iter().map(String::as_str));
        let text = |price: Option<Decimal>| price.map_or("-".to_owned(), |price| price.to_string());
        assert_eq!(
            [
                text(read.interface_endpoint_hour),
                text(read.interface_endpoint_gb),
                text(read.nat_gateway_hour),
                text(read.nat_gateway_gb),
                text(read.public_ipv4_hour)
            ],
            ["0.01", "0.01", "0.045", "0.045", "0.005"]
        );
    }

    #[test]
    fn a_price_with_two_different_values_is_unknown() {
        let texts = [
            product("USW2-NatGateway-Hours", &[("0", "0.045")]),
            product("USW2-NatGateway-Hours", &[("0", "0.05")]),
        ];
        assert_eq!(prices(texts.iter().map(String::as_str)), ListPrices::default());
    }
}
