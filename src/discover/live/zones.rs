//! Reads private hosted zones. Inside the VPC their records replace the public DNS answers.
//!
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByVPC.html>

use aws_sdk_route53::types::VpcRegion;

use super::reader::{Answer, Reader};
use crate::model::{Call, Region, VpcId};

/// The names of the zones that are associated with a VPC; `None` if a page could not be read.
pub(super) async fn private_zones(reader: &Reader, vpc: &VpcId, region: &Region) -> Option<Vec<String>> {
    let is_complete = std::sync::atomic::AtomicBool::new(false);
    let call = async {
        let mut answer = Answer::new();
        let mut token = None;
        loop {
            let request = reader.route53.list_hosted_zones_by_vpc().vpc_id(vpc.as_str());
            let request = request.vpc_region(VpcRegion::from(region.as_str())).set_next_token(token.take());
            let page = request.send().await;
            let is_read = answer.page(page, |page| {
                token = page.next_token;
                // Skip the zones of interface endpoints: their names are read with the endpoints.
                let zones = page.hosted_zone_summaries.into_iter();
                let is_endpoint = |owner: &str| owner.starts_with("vpce");
                let user_zones = zones.filter(|zone| {
                    let owner = zone.owner.as_ref().and_then(|owner| owner.owning_service.as_deref());
                    !owner.is_some_and(is_endpoint)
                });
                user_zones.map(|zone| zone.name.trim_end_matches('.').to_owned()).collect()
            });
            if !is_read {
                break;
            }
            if token.is_none() {
                is_complete.store(true, std::sync::atomic::Ordering::Relaxed);
                break;
            }
        }
        answer
    };
    let zones = reader.read(Call::ListHostedZonesByVPC, vpc.as_str(), call).await;
    is_complete.into_inner().then_some(zones)
}
