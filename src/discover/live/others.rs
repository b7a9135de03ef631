//! The other accounts and Regions that the user names, read for facts about VPCs that the account of the service knows by id: a
//! VPC whose owner shares its subnets, peer VPCs, and VPCs behind a transit gateway.
//!
//! Owns which VPCs are read where. `merge_places` decides which of the facts count. Nothing here lists VPCs of another account.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use super::config::configure;
use super::ec2::{self, OwnedVpc};
use super::network::{Network, Regional};
use super::reader::{Reader, Report};
use super::transit::Site;
use crate::discover::error::DiscoverError;
use crate::discover::interpret;
use crate::discover::merge_places::{EGRESS_CALLS, PEER_CALLS, PlaceFacts};
use crate::discover::request::LiveRequest;
use crate::model::{
    self, Call, CallRecord, Gap, PeeringConnection, PeeringState, Place, PrefixList, Region, Snapshot, VpcId,
};

/// The VPCs that the account of the service knows.
pub(super) struct KnownVpcs {
    /// The VPCs of the service's subnets, with the accounts that own them.
    pub own: BTreeSet<OwnedVpc>,
    peers: Vec<Peer>,
}

/// A peer of one of the own VPCs.
struct Peer {
    id: VpcId,
    place: Option<Place>,
    /// Whether the account and Region are those of the own VPC.
    is_in_same_place: bool,
}

/// A profile and Region in addition to those of the service.
struct Other {
    profile: Option<String>,
    region: Region,
    reader: Reader,
}

/// All other profiles and Regions.
pub(super) struct Others {
    list: Vec<Other>,
    first_profile: Option<String>,
}

/// What one of them says.
pub(super) struct OtherAnswers {
    place: Place,
    known: Known,
    network: Network,
    lists: Vec<PrefixList>,
    gaps: Vec<Gap>,
    calls: Vec<CallRecord>,
}

/// The VPCs that are read in one place.
#[derive(Default)]
struct Known {
    shared: Vec<VpcId>,
    peers: Vec<VpcId>,
    egress: Vec<VpcId>,
}

impl KnownVpcs {
    /// The VPCs of the service's subnets, and those at the other end of their active peering connections.
    pub fn new(own: BTreeSet<OwnedVpc>, peerings: &[PeeringConnection]) -> Self {
        let mut peers: Vec<Peer> = Vec::new();
        for peering in peerings.iter().filter(|peering| peering.state == PeeringState::Active) {
            for vpc in &own {
                let Some(id) = peering.peer_of(&vpc.id) else { continue };
                if own.iter().any(|own| own.id == *id) || peers.iter().any(|peer| peer.id == *id) {
                    continue;
                }
                let (here, there) = (peering.place_of(&vpc.id), peering.place_of(id));
                let is_in_same_place = there.is_some() && here == there;
                peers.push(Peer { id: id.clone(), place: there.cloned(), is_in_same_place });
            }
        }
        Self { own, peers }
    }

    /// The ids of the own VPCs.
    pub fn ids(&self) -> Vec<VpcId> {
        self.own.iter().map(|vpc| vpc.id.clone()).collect()
    }

    /// The peer VPCs in the account and Region of the own VPCs.
    pub fn peers_here(&self) -> Vec<VpcId> {
        self.peers.iter().filter(|peer| peer.is_in_same_place).map(|peer| peer.id.clone()).collect()
    }

    /// The VPCs of a place, of which the service is in `region`.
    fn in_place(&self, place: &Place, region: &Region) -> Known {
        let is_owned = |vpc: &&OwnedVpc| {
            place.region == *region && vpc.owner.as_ref().is_some_and(|owner| *owner == place.account)
        };
        let is_there =
            |peer: &&Peer| !peer.is_in_same_place && peer.place.as_ref().is_some_and(|own| own == place);
        Known {
            shared: self.own.iter().filter(is_owned).map(|vpc| vpc.id.clone()).collect(),
            peers: self.peers.iter().filter(is_there).map(|peer| peer.id.clone()).collect(),
            egress: Vec::new(),
        }
    }
}

impl Others {
    /// Every profile in every Region, without the first profile in the first Region, which is that of the service.
    ///
    /// # Errors
    /// A profile or Region is given twice, or an endpoint URL is invalid.
    pub async fn new(
        request: &LiveRequest,
        region: &Region,
        progress: &Report,
    ) -> Result<Self, DiscoverError> {
        let first_profile = request.profile.clone();
        let profiles: Vec<Option<String>> = std::iter::once(first_profile.clone())
            .chain(request.more_profiles.iter().cloned().map(Some))
            .collect();
        let regions: Vec<Region> = std::iter::once(region.clone())
            .chain(request.more_regions.iter().map(|region| Region::new(region.as_str())))
            .collect();
        let name = |profile: &Option<String>| profile.clone().unwrap_or_default();
        given_once("--profile", &profiles.iter().map(name).collect::<Vec<_>>())?;
        given_once("--region", &regions.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let mut list = Vec::new();
        for (number, profile) in profiles.iter().enumerate() {
            for region in regions.iter().skip(usize::from(number == 0)) {
                let own = LiveRequest {
                    profile: profile.clone(),
                    region: Some(region.to_string()),
                    ..request.clone()
                };
                let config = configure(&own).await?;
                let reader = Reader::new(&config, request.limits, progress.clone());
                list.push(Other { profile: profile.clone(), region: region.clone(), reader });
            }
        }
        Ok(Self { list, first_profile })
    }

    /// Whether no other profile and Region is read.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The account and Region of each, which all calls and gaps name from then on.
    ///
    /// # Errors
    /// The credentials of a profile are not valid, its account is unknown, or two profiles are of the same account.
    pub async fn places(&self) -> Result<Vec<Place>, DiscoverError> {
        let places = join_all(self.list.iter().map(Other::place)).await;
        let places: Vec<Place> = places.into_iter().collect::<Result<_, _>>()?;
        for (other, place) in self.list.iter().zip(&places) {
            let mut pairs = self.list.iter().zip(&places);
            let same = pairs.find(|(one, at)| at.account == place.account && one.profile != other.profile);
            if let Some((one, _)) = same {
                return Err(same_account(one.profile.as_ref(), other.profile.as_ref(), &place.account));
            }
        }
        Ok(places)
    }

    /// Checks that the other profiles are not of the account of the service.
    ///
    /// # Errors
    /// One of them is.
    pub fn check_account(&self, places: &[Place], account: Option<&String>) -> Result<(), DiscoverError> {
        let mut pairs = self.list.iter().zip(places);
        let same = pairs
            .find(|(other, place)| Some(&place.account) == account && other.profile != self.first_profile);
        match same {
            Some((other, place)) => {
                Err(same_account(self.first_profile.as_ref(), other.profile.as_ref(), &place.account))
            }
            None => Ok(()),
        }
    }

    /// Reads the known VPCs in their places. `region` is that of the service.
    pub async fn read(&self, places: &[Place], known: &KnownVpcs, region: &Region) -> Vec<OtherAnswers> {
        let read = self.list.iter().zip(places).map(|(other, place)| async move {
            let vpcs = known.in_place(place, region);
            Box::pin(other.read(place, vpcs)).await
        });
        join_all(read).await
    }
}

impl Others {
    /// The accounts in the Region of the service.
    pub fn sites<'s>(&'s self, places: &'s [Place], region: &Region) -> Vec<Site<'s>> {
        let pairs = self.list.iter().zip(places).filter(|(_, place)| place.region == *region);
        pairs
            .map(|(other, place)| Site { reader: &other.reader, account: Some(place.account.clone()) })
            .collect()
    }

    /// Reads VPCs behind a transit gateway in the accounts that own them, and adds the facts to the answers of these accounts.
    pub async fn read_egress(
        &self,
        answers: &mut [OtherAnswers],
        vpcs: &BTreeMap<VpcId, Option<String>>,
        region: &Region,
    ) {
        let read = self.list.iter().zip(answers).map(|(other, answer)| async move {
            let is_there = |owner: &Option<String>| {
                answer.place.region == *region && owner.as_ref() == Some(&answer.place.account)
            };
            let vpcs: Vec<VpcId> =
                vpcs.iter().filter(|(_, owner)| is_there(owner)).map(|(vpc, _)| vpc.clone()).collect();
            if !vpcs.is_empty() {
                let network = egress(&other.reader, &vpcs, region).await;
                answer.lists.extend(lists(&other.reader, &network.tables, region).await);
                answer.network.absorb(network);
                answer.known.egress = vpcs;
            }
            answer.gaps = other.reader.gaps();
            answer.calls = other.reader.calls();
        });
        join_all(read).await;
    }
}

/// Reads what the path through a central egress VPC depends on.
pub(super) async fn egress(reader: &Reader, vpcs: &[VpcId], region: &Region) -> Network {
    let wanted = |call: Call| EGRESS_CALLS.contains(&call);
    let mut network = Box::pin(Network::read(reader, (&[], vpcs), region, &wanted, None)).await;
    network.add_regional(Regional::default());
    network
}

/// The prefix lists that a network uses.
async fn lists(reader: &Reader, network: &model::Network, region: &Region) -> Vec<PrefixList> {
    let mut facts = Snapshot::new(region.clone(), jiff::Timestamp::UNIX_EPOCH);
    facts.network = network.clone();
    let lists = join_all(interpret::lists_in_use(&facts).into_iter().map(|id| async move {
        let cidrs = ec2::prefix_list_entries(reader, &id).await;
        PrefixList { name: id.to_string(), id, cidrs }
    }));
    lists.await
}

impl Other {
    async fn place(&self) -> Result<Place, DiscoverError> {
        let profile = self.profile.clone().unwrap_or_else(|| "default".to_owned());
        let error = |reason: String| DiscoverError::Profile { profile: profile.clone(), reason };
        let scope = format!("profile {profile}, {}", self.region);
        let account = self.reader.account(&scope).await.map_err(|failure| error(failure.to_string()))?;
        let Some(account) = account else {
            let gap = self.reader.gaps().first().map(ToString::to_string).unwrap_or_default();
            return Err(error(format!("its account is unknown: {gap}")));
        };
        let place = Place { account, region: self.region.clone() };
        self.reader.set_place(place.clone());
        Ok(place)
    }

    async fn read(&self, place: &Place, known: Known) -> OtherAnswers {
        let (reader, is_shared) = (&self.reader, !known.shared.is_empty());
        // Traffic that arrives in a peer VPC needs only some of its resources.
        let wanted = |call: Call| is_shared && call.reads_vpc() || PEER_CALLS.contains(&call);
        let regional = |_: Call| is_shared;
        let (mut network, regional) = futures::join!(
            Network::read(reader, (&known.shared, &known.peers), &self.region, &wanted, None),
            Regional::read(reader, &regional)
        );
        network.add_regional(regional);
        let lists = lists(reader, &network.tables, &self.region).await;
        OtherAnswers {
            place: place.clone(),
            known,
            network,
            lists,
            gaps: reader.gaps(),
            calls: reader.calls(),
        }
    }
}

impl OtherAnswers {
    /// The facts about its VPCs.
    pub fn tables(&self) -> &model::Network {
        &self.network.tables
    }

    /// Adds the facts to a snapshot of the service's account, whose endpoint services are known or empty.
    pub fn add_to(&self, snapshot: &mut Snapshot) {
        let mut network = self.network.tables.clone();
        network.endpoint_services.clone_from(&snapshot.network.endpoint_services);
        self.network.add_endpoints(&mut network);
        network.endpoint_services = Vec::new();
        network.prefix_lists = self.lists.iter().cloned().collect::<model::Table<PrefixList>>();
        let facts = PlaceFacts {
            place: &self.place,
            shared: &self.known.shared,
            peers: &self.known.peers,
            egress: &self.known.egress,
            network,
            gaps: &self.gaps,
        };
        facts.add_to(snapshot);
        snapshot.calls.extend(self.calls.iter().cloned());
        snapshot.calls.sort_by(|a, b| (a.sent_at, a.call, &a.scope).cmp(&(b.sent_at, b.call, &b.scope)));
    }
}

fn given_once(option: &'static str, values: &[String]) -> Result<(), DiscoverError> {
    let mut seen = BTreeSet::new();
    match values.iter().find(|value| !seen.insert(value.as_str())) {
        Some(value) => Err(DiscoverError::GivenTwice { option, value: value.clone() }),
        None => Ok(()),
    }
}

fn same_account(one: Option<&String>, two: Option<&String>, account: &str) -> DiscoverError {
    let name = |profile: Option<&String>| profile.map_or_else(|| "default".to_owned(), ToString::to_string);
    DiscoverError::SameAccount { one: name(one), two: name(two), account: account.to_owned() }
}
