//! The inbound rules of the security group of interface endpoints: TCP from the ranges of the VPC.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, Object};
use ipnet::Ipv4Net;

use crate::model::{Peer, SecurityGroupId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::client::add_client;
use crate::terraform::edit::endpoint::clients::{PEER, clients_note, connector_group, ensure_client_of_call};
use crate::terraform::edit::endpoint::group_in_aws::{Admission, admission};
use crate::terraform::edit::endpoint::unknown_range::unknown_range;
use crate::terraform::edit::network::placement::ENDPOINTS_FILE;
use crate::terraform::edit::rule;
use crate::terraform::edit::rule::in_code::is_made_for;
use crate::terraform::edit::rule::inbound::{has_port, instance_has_port, separate_rules, value_in};
use crate::terraform::edit::rule::rules::{add_group_rule, literal_resource};
use crate::terraform::edit::text::amend::add_block_after_siblings;
use crate::terraform::error::EditError;
use crate::terraform::find::form::{Form, key_text};
use crate::terraform::find::instance_argument::keys_of;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, instance_address};
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::place::{Place, is_ignored};

/// Ensures that a security group of a block with endpoints allows their traffic from the VPC: adds the missing inbound rules to a
/// group in the code. With private DNS, all traffic of the VPC to the service goes to the endpoint, so without the rules the whole
/// VPC loses the service.
///
/// `added` are the rules that the same edit has added.
///
/// # Errors
/// The rules of the groups are generated, or not in this code: the user must add the rule.
pub(in crate::terraform) fn ensure_admitted<'a>(
    draft: &mut Draft<'a>,
    endpoints: Place<'a>,
    (ports, ranges): (&BTreeSet<u16>, &[Ipv4Net]),
    added: &mut BTreeSet<(String, u16)>,
) -> Result<(), EditError> {
    let groups = draft.finder.network.origins.of_attribute(endpoints, "security_group_ids");
    let in_code: Vec<BlockOrigin<'a>> = groups
        .into_iter()
        .flatten()
        .filter_map(|group| match group {
            Origin::Block(group) if group.place.block.is_resource("aws_security_group") => Some(group),
            _ => None,
        })
        .collect();
    let of = match endpoints.block.kind() {
        Some(name) if endpoints.block.block_type == "module" => format!("module.{name}"),
        _ => endpoints.module.address_of(endpoints.block).to_string(),
    };
    let Some(first) = in_code.first() else {
        return ensure_admitted_without_block(draft, (endpoints, &of), (ports, ranges));
    };
    let missing: Vec<u16> = ports
        .iter()
        .copied()
        .filter(|port| !in_code.iter().any(|group| admits_port(draft, group, *port, ranges)))
        .collect();
    if !missing.is_empty() && ensure_client(draft, (endpoints, &of), first, (ports, ranges))? {
        return Ok(());
    }
    for port in missing {
        if let Some(error) = unknown_range(draft, first, port) {
            match admission(draft, endpoints, (&BTreeSet::from([port]), ranges)) {
                Some((Admission::Vpc, _)) => continue,
                Some((Admission::Service | Admission::Nothing, _)) => {}
                // The rule can have the range of the VPC, and AWS rejects a second one.
                None => return Err(error),
            }
        }
        if added.insert((first.place.address_in_root().to_string(), port)) {
            add_rule(draft, first, port, ranges)?;
        }
    }
    Ok(())
}

/// As [`ensure_admitted`] for groups without a block in the code: AWS shows what they allow. The security-group module of the registry gets the rules
/// in its call.
fn ensure_admitted_without_block<'a>(
    draft: &mut Draft<'a>,
    (endpoints, of): (Place<'a>, &str),
    (ports, ranges): (&BTreeSet<u16>, &[Ipv4Net]),
) -> Result<(), EditError> {
    let known = admission(draft, endpoints, (ports, ranges));
    if matches!(known, Some((Admission::Vpc, _))) {
        return Ok(());
    }
    if ensure_client_of_call(draft, endpoints, ports)? {
        return Ok(());
    }
    let groups = draft.finder.network.origins.of_attribute(endpoints, "security_group_ids");
    let call = groups.into_iter().flatten().find_map(|group| match group {
        Origin::Output { call, .. } if registry_module(&call) == Some(RegistryModule::SecurityGroup) => {
            Some(call)
        }
        _ => None,
    });
    let rules = || ports.iter().flat_map(|port| ranges.iter().map(|range| (*port, Peer::Ipv4(*range))));
    if let Some(call) = call {
        let mut is_complete = true;
        for (port, peer) in rules() {
            is_complete &= match rule::registry::add_group_rule(draft, call, ("ingress", port, &peer)) {
                Err(EditError::AlreadyInCode { .. }) => true,
                added => added?,
            };
        }
        if is_complete {
            return Ok(());
        }
    }
    let shown: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let (place, shown) = (endpoints.location(), shown.join(", "));
    match known {
        Some((Admission::Nothing, groups)) => {
            let first = groups.first().cloned().unwrap_or_default();
            let rules = rules().map(|(port, peer)| literal_resource("ingress", &quoted(&first), port, &peer));
            Err(EditError::ByHand {
                place,
                what: format!(
                    "{of} gives the new endpoint {}, which does not allow TCP {shown} from the VPC. With private DNS, the VPC would lose the \
                     service: add the rule where {first} is managed and apply it first",
                    groups.join(", ")
                ),
                snippet: rules.collect::<Vec<_>>().join("\n"),
            })
        }
        Some((Admission::Service, groups)) => {
            draft.note(&format!(
                "{} allows TCP {shown} from the service, and not from the whole VPC. With private DNS, other workloads of the VPC lose the \
                 service.",
                groups.join(", ")
            ));
            Ok(())
        }
        Some((Admission::Vpc, _)) | None => {
            if rules_of_call_admit_vpc(draft, endpoints, ports) {
                return Ok(());
            }
            let where_to = match endpoints.block.body.attribute("create_security_group") {
                Some(_) => "creates the security group of its endpoints",
                None => "has security groups that egress-doctor did not find in this code",
            };
            draft.note(&format!(
                "{of} ({place}) {where_to}. The new endpoint uses them: they must allow TCP {shown} from the VPC."
            ));
            Ok(())
        }
    }
}

/// Whether the endpoints module of the registry creates its group with a rule for the range of the VPC. Without other ports, a rule of it is
/// for TCP 443.
fn rules_of_call_admit_vpc(draft: &Draft<'_>, call: Place<'_>, ports: &BTreeSet<u16>) -> bool {
    let is_https = ports.iter().all(|port| *port == 443);
    let creates_group = call.module.expression(call.file, call.block, "create_security_group");
    let creates_group =
        creates_group.and_then(|value| call.module.evaluate(value)).as_deref() == Some("true");
    let has_rules = is_https && creates_group && registry_module(&call) == Some(RegistryModule::VpcEndpoints);
    let Some(tree) = call.block.body.attribute("security_group_rules").filter(|_| has_rules) else {
        return false;
    };
    let tree = call.file.expression(tree).tree();
    let rules = tree.iter().filter_map(|tree| tree.as_object()).flat_map(|rules| rules.iter());
    let has_other_port = |rule: &Object| {
        let names = ["type", "protocol", "from_port", "to_port"];
        rule.iter().any(|(key, _)| key_text(key).is_some_and(|key| names.contains(&key.as_str())))
    };
    let is_of_vpc =
        |range: &Expression| draft.finder.is_range_of_workload_vpc(call.module, Expr::parsed("", range));
    rules.filter_map(|(_, rule)| rule.expr().as_object()).filter(|rule| !has_other_port(rule)).any(|rule| {
        let ranges = rule.iter().find(|(key, _)| key_text(key).as_deref() == Some("cidr_blocks"));
        let ranges = ranges.and_then(|(_, ranges)| ranges.expr().as_array());
        ranges.is_some_and(|ranges| ranges.iter().any(is_of_vpc))
    })
}

/// Ensures that the connector's group is a client of a group whose inbound rules are one for each client. Returns `false` if its rules are
/// others.
///
/// # Errors
/// AWS does not show which group it is: the rule is printed.
fn ensure_client<'a>(
    draft: &mut Draft<'a>,
    (endpoints, of): (Place<'a>, &str),
    group: &BlockOrigin<'a>,
    (ports, ranges): (&BTreeSet<u16>, &[Ipv4Net]),
) -> Result<bool, EditError> {
    let peers = ["referenced_security_group_id", PEER];
    let all = separate_rules(draft, group);
    let is_of_client = |rule: &Place<'a>| {
        let peer = peers.iter().find_map(|name| rule.module.expression(rule.file, rule.block, name));
        rule.block.repeats() && peer.is_some_and(|peer| peer.differs_by_instance())
    };
    let name = group.place.address_in_root();
    let shown = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if add_client(draft, group, ports)? {
        draft.note(&clients_note(&name.to_string(), &shown));
        return Ok(true);
    }
    let has_inline = group.place.block.body.blocks("ingress").next().is_some()
        || group.place.block.body.attribute("ingress").is_some();
    let dynamic = Form::of_dynamic(group.place, "ingress");
    let has = |form: &Form<'_>, name: &str| form.body.attribute(name).is_some();
    let are_clients = if all.is_empty() {
        !dynamic.is_empty()
            && dynamic.iter().all(|form| has(form, "security_groups") && !has(form, "cidr_blocks"))
    } else {
        all.iter().all(is_of_client)
    };
    if has_inline || !are_clients {
        return Ok(false);
    }
    let Some(own) = connector_group(draft) else { return Ok(false) };
    let known = admission(draft, endpoints, (ports, ranges));
    match known.as_ref().map(|(found, groups)| (*found, groups.as_slice())) {
        Some((Admission::Vpc | Admission::Service, _)) => {}
        Some((Admission::Nothing, [id])) => {
            let id = SecurityGroupId::new(id.clone());
            for port in ports {
                let added = add_group_rule(draft, "ingress", (&id, *port, &Peer::Group(own.clone())), &[]);
                match added {
                    Ok(()) | Err(EditError::AlreadyInCode { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        _ => {
            let rules = ports.iter().map(|port| {
                literal_resource(
                    "ingress",
                    &format!("{}.id", address(group.place.block)),
                    *port,
                    &Peer::Group(own.clone()),
                )
            });
            return Err(EditError::ByHand {
                place: group.place.location(),
                what: format!(
                    "{of} gives the new endpoint {name}, whose inbound rules are one for each client, and AWS does not show which group it is: \
                     add the connector's group {own} to the clients for TCP {shown}"
                ),
                snippet: rules.collect::<Vec<_>>().join("\n"),
            });
        }
    }
    draft.note(&clients_note(&name.to_string(), &shown));
    Ok(true)
}

/// Adds an inbound rule to the block of a group: inline, or as a resource if the group has such rules.
fn add_rule<'a>(
    draft: &mut Draft<'a>,
    group: &BlockOrigin<'a>,
    port: u16,
    ranges: &[Ipv4Net],
) -> Result<(), EditError> {
    let Place { module, file, block: owner } = group.place;
    let written = ranges_in(draft, group.place, ranges);
    let lines = rule(port, &written);
    let by_hand = |what: String| EditError::ByHand {
        place: group.place.location(),
        what,
        snippet: block("ingress", &lines),
    };
    let name = module.address_of(owner);
    let purpose = format!("the new endpoint needs an inbound rule of {name} for TCP {port} from the VPC");
    let is_generated = owner.body.attribute("ingress").is_some()
        || owner.body.blocks("dynamic").any(|one| one.labels.first().is_some_and(|label| label == "ingress"));
    if is_generated && is_in_list(draft, group, port, ranges)? {
        return Ok(());
    }
    if is_generated {
        return Err(by_hand(format!(
            "{purpose}, and an expression generates the rules: add one to its value"
        )));
    }
    let is_open = module.is_editable()
        && !draft.finder.config.is_used_more_than_once(module)
        && module.overridden(owner).is_none()
        && !is_ignored(file, owner, "ingress");
    if !is_open || group.instance == Instances::All {
        return Err(by_hand(format!("{purpose}, and this block must not be changed here: add the rule")));
    }
    let has_inline = owner.body.blocks("ingress").next().is_some();
    if let Some(sibling) = separate_rules(draft, group).last().filter(|_| !has_inline) {
        let kind = sibling.block.kind().unwrap_or_default();
        if module.address != draft.finder.target.address || ranges.len() != 1 {
            return Err(by_hand(format!("{purpose}, and its rules are resources: add an {kind}")));
        }
        add_rule_resource(draft, &instance_address(group), kind, (port, &written), false);
        draft.note(&format!("{name} has no inbound rule for TCP {port} from the VPC: this edit adds it."));
        return Ok(());
    }
    let splice = add_block_after_siblings(file, owner, "ingress", &lines)?;
    draft.splice(file, splice);
    draft.change(&group.place.address_in_root());
    let others = if has_inline {
        ""
    } else {
        " From now on, Terraform removes the inbound rules of this group that are not in its block."
    };
    draft.note(&format!(
        "{name} ({}) has no inbound rule for TCP {port} from the VPC in the code: this edit adds it.{others}",
        group.place.location()
    ));
    Ok(())
}

/// Adds an inbound rule of a group as a resource of the target module.
pub(in crate::terraform::edit) fn add_rule_resource(
    draft: &mut Draft<'_>,
    group: &str,
    kind: &str,
    (port, ranges): (u16, &str),
    is_beside_endpoints: bool,
) {
    let is_old_kind = kind == "aws_security_group_rule";
    let name = draft.free_name(kind, &format!("vpc_endpoints_{port}"));
    let mut lines = vec![attribute("security_group_id", format!("{group}.id"))];
    if is_old_kind {
        lines.push(attribute("type", "\"ingress\""));
    }
    for line in rule(port, ranges) {
        lines.push(match line {
            Line::Attribute(name, value) if !is_old_kind && name == "protocol" => {
                attribute("ip_protocol", value)
            }
            Line::Attribute(name, value) if !is_old_kind && name == "cidr_blocks" => {
                attribute("cidr_ipv4", value.trim_matches(['[', ']']))
            }
            line => line,
        });
    }
    if is_beside_endpoints {
        draft.add_resource_beside("aws_vpc_endpoint", kind, &name, ENDPOINTS_FILE, "", &lines);
        return;
    }
    let has_groups = draft.finder.target.resources("aws_security_group").next().is_some();
    let related = if has_groups { "aws_security_group" } else { "aws_vpc_endpoint" };
    draft.add_resource_near(related, kind, &name, ENDPOINTS_FILE, "", &lines);
}

/// Adds an entry for the range of the VPC to the list that makes the rules of a group. Returns `false`, and edits nothing, if it cannot get
/// one.
fn is_in_list<'a>(
    draft: &mut Draft<'a>,
    group: &BlockOrigin<'a>,
    port: u16,
    ranges: &[Ipv4Net],
) -> Result<bool, EditError> {
    let [range] = ranges else { return Ok(false) };
    let address = instance_address(group);
    let found = draft.finder.found_by_reference(&address, group, "the endpoints refer to it")?;
    let owner = (&SecurityGroupId::new(address), Some(&found));
    Ok(rule::entries::add_group_rule(draft, "ingress", owner, (port, &Peer::Ipv4(*range))))
}

/// The arguments of an inbound rule for all endpoints.
pub(in crate::terraform) fn rule(port: u16, ranges: &str) -> Vec<Line> {
    let protocol = if port == 443 { "HTTPS".to_owned() } else { format!("TCP {port}") };
    let description = format!("\"{protocol} from the whole VPC, because private DNS applies to all of it\"");
    vec![
        attribute("description", description),
        attribute("from_port", port.to_string()),
        attribute("to_port", port.to_string()),
        attribute("protocol", "\"tcp\""),
        attribute("cidr_blocks", ranges),
    ]
}

/// The ranges of the VPC as a list in the target module.
pub(in crate::terraform) fn vpc_ranges(draft: &mut Draft<'_>, ranges: &[Ipv4Net]) -> String {
    if let Some(range) = draft.finder.code.vpc_range.as_ref().filter(|_| ranges.len() == 1) {
        return format!("[{range}]");
    }
    if let Some(range) = draft.range_of_module(ranges.len()) {
        return format!("[{range}]");
    }
    let vpc = draft.vpc_block();
    if !vpc.starts_with("data.") {
        // The block of a VPC has its first range only.
        let ranges: Vec<String> = ranges.iter().map(|range| quoted(&range.to_string())).collect();
        return format!("[{}]", ranges.join(", "));
    }
    match ranges {
        [_] => format!("[{vpc}.cidr_block]"),
        _ => format!("{vpc}.cidr_block_associations[*].cidr_block"),
    }
}

/// The ranges of the VPC as a list in the module of a group, by the VPC that the group refers to.
fn ranges_in(draft: &mut Draft<'_>, group: Place<'_>, ranges: &[Ipv4Net]) -> String {
    if group.module.address == draft.finder.target.address {
        return vpc_ranges(draft, ranges);
    }
    let vpc = group.block.body.attribute("vpc_id").and_then(|vpc| group.file.expression(vpc).reference());
    let vpc = vpc.as_deref().and_then(|vpc| vpc.strip_suffix(".id"));
    let is_block = |vpc: &&str| {
        let mut blocks = group.module.resources("aws_vpc").chain(group.module.data("aws_vpc"));
        blocks.any(|(_, block)| address(block) == **vpc)
    };
    match vpc.filter(is_block) {
        Some(vpc) if ranges.len() == 1 => format!("[{vpc}.cidr_block]"),
        _ => {
            let ranges: Vec<String> =
                ranges.iter().map(|range| draft.range_in(group.module, *range)).collect();
            format!("[{}]", ranges.join(", "))
        }
    }
}

/// Whether a group in the code allows a TCP port from all ranges.
pub(in crate::terraform) fn admits_port<'a>(
    draft: &Draft<'a>,
    group: &BlockOrigin<'a>,
    port: u16,
    ranges: &[Ipv4Net],
) -> bool {
    let inline = group.place.block.body.blocks("ingress");
    inline.into_iter().any(|rule| admits(draft, group.place, rule, port, ranges))
        || ranges.iter().all(|range| is_made_for(draft, group.place, port, *range))
        || separate_rules(draft, group).iter().any(|rule| admits(draft, *rule, rule.block, port, ranges))
}

/// Whether a rule allows a TCP port from all ranges, or one of the rules that a block with `count` or `for_each` creates.
fn admits<'a>(draft: &Draft<'a>, place: Place<'a>, rule: &Block, port: u16, ranges: &[Ipv4Net]) -> bool {
    let is_own = rule == place.block && place.block.repeats();
    let keys = if is_own { keys_of(draft.finder.config, place) } else { Vec::new() };
    let of = |key: Option<&str>| instance_admits(draft, place, (rule, key), (port, ranges));
    if keys.is_empty() { of(None) } else { keys.iter().any(|key| of(Some(key))) }
}

fn instance_admits<'a>(
    draft: &Draft<'a>,
    place: Place<'a>,
    (rule, key): (&Block, Option<&str>),
    (port, ranges): (u16, &[Ipv4Net]),
) -> bool {
    let value = |name: &str| value_in(place, (&rule.body, key), name);
    let (config, region) = (draft.finder.config, draft.finder.snapshot.region.as_str());
    let has_port = match key {
        Some(key) => instance_has_port((config, region), place, key, port),
        None => has_port(place, &rule.body, port),
    };
    let is_vpc_range = |written: Expr<'_>| {
        let range = draft.finder.code.vpc_range.as_deref().filter(|_| ranges.len() == 1);
        let is_known = range.is_some_and(|range| {
            written.is_same(Expr::from(range)) || written.is_same(Expr::from(&format!("[{range}]")))
        });
        // The block of a VPC has its first range only.
        is_known || ranges.len() == 1 && draft.finder.is_range_of_workload_vpc(place.module, written)
    };
    let covers = |texts: Vec<String>| {
        let nets: Vec<Ipv4Net> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        ranges.iter().all(|range| nets.iter().any(|net| net.contains(range)))
    };
    let has_ranges = match (value("cidr_blocks"), value("cidr_ipv4")) {
        (Some(list), _) => {
            let list = Expr::from(list.as_str());
            is_vpc_range(list) || place.module.texts(list).is_some_and(covers)
        }
        (None, Some(one)) => {
            let one = Expr::from(one.as_str());
            is_vpc_range(one) || place.module.evaluate(one).is_some_and(|text| covers(vec![text]))
        }
        (None, None) => false,
    };
    has_port && has_ranges
}
