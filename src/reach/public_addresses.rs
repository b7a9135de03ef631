//! The public addresses that a host can have.
//!
//! A host of a gateway service (S3, `DynamoDB`) has the addresses of the service's prefix list. Any other
//! host can have any public address outside these lists.

use crate::model::{AddressFamily, Addresses, Destination, PUBLIC_V4, PUBLIC_V6, Snapshot, Vpc};

/// Suffixes of the prefix lists whose addresses belong to only one service.
const GATEWAY_SERVICES: &[&str] = &[".s3", ".dynamodb", ".s3express"];

/// The public addresses that a host can have, and whether it has all of them.
pub(super) fn public_addresses(
    snapshot: &Snapshot,
    vpc: &Vpc,
    destination: &Destination,
    with_ipv6: bool,
) -> (Addresses, bool) {
    let (ipv4, exact) = of_family(snapshot, vpc, destination, AddressFamily::Ipv4);
    if !with_ipv6 {
        return (ipv4, exact);
    }
    let (ipv6, also_exact) = of_family(snapshot, vpc, destination, AddressFamily::Ipv6);
    (ipv4.or(&ipv6), exact && also_exact)
}

fn of_family(
    snapshot: &Snapshot,
    vpc: &Vpc,
    destination: &Destination,
    family: AddressFamily,
) -> (Addresses, bool) {
    let lists = || snapshot.network.prefix_lists.iter();
    // The gateway endpoint serves a global S3 name only if the bucket is in its region.
    let is_certain = destination.bucket_of_unknown_region().is_none();
    let offer = destination.endpoint().filter(|offer| offer.gateway && is_certain);
    let own: Addresses = offer
        .map(|offer| prefix_list_of(&offer.service_name, family))
        .into_iter()
        .flat_map(|name| lists().filter(move |list| list.name == name).flat_map(|list| &list.cidrs))
        .flatten()
        .copied()
        .collect();
    let own = own.only(family);
    if !own.is_empty() {
        return (own, true);
    }
    let mut addresses = match family {
        AddressFamily::Ipv4 => PUBLIC_V4.minus(&vpc.addresses()),
        AddressFamily::Ipv6 => PUBLIC_V6.minus(&vpc.addresses()),
    };
    if !may_share_gateway_ranges(snapshot, destination) {
        let of_one_service = |name: &str| GATEWAY_SERVICES.iter().any(|end| name.ends_with(end));
        let others: Addresses = lists()
            .filter(|list| list.name.starts_with("com.amazonaws.") && of_one_service(&list.name))
            .flat_map(|list| list.cidrs.iter().flatten().copied())
            .collect();
        addresses = addresses.minus(&others);
    }
    (addresses, false)
}

/// The name of the prefix list with the addresses of a gateway service: the service's name, with `ipv6.` before the last
/// part for IPv6
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html>).
pub(crate) fn prefix_list_of(service: &str, family: AddressFamily) -> String {
    match (family, service.rsplit_once('.')) {
        (AddressFamily::Ipv6, Some((region, short))) => format!("{region}.ipv6.{short}"),
        _ => service.to_owned(),
    }
}

/// Whether a host can have addresses of the region's S3 or `DynamoDB` prefix lists. Other hosts never have
/// them. `DynamoDB` Streams has no gateway endpoint
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html>).
fn may_share_gateway_ranges(snapshot: &Snapshot, destination: &Destination) -> bool {
    destination.aws().is_some_and(|aws| {
        let served =
            aws.service.as_deref().is_none_or(|service| service.starts_with("s3") || service == "dynamodb");
        let has_own_list =
            aws.endpoint.as_ref().is_some_and(|offer| offer.service_name.ends_with(".s3express"));
        // A Multi-Region Access Point has addresses of AWS Global Accelerator
        // (https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequestRouting.html).
        let is_multi_region = destination.host.contains(".accesspoint.s3-global.");
        // Transfer acceleration uses edge locations.
        served
            && !destination.host.contains(".s3-accelerate.")
            && !has_own_list
            && !is_multi_region
            && aws.region.as_ref().is_none_or(|region| *region == snapshot.region)
    })
}
