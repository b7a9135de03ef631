//! Rules in the arguments of the VPC module of the registry for its network ACLs.

use hcl::Value;
use ipnet::IpNet;

use crate::model::{AclRule, NetworkAclId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule::entries::fixed;
use crate::terraform::edit::rule::registry::{covers, known_elements, text};
use crate::terraform::edit::text::entries::Values;
use crate::terraform::error::EditError;
use crate::terraform::find::entry_value::object;
use crate::terraform::find::form::Form;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::quoted;

/// The kinds of subnets for which the VPC module can create a network ACL, and the suffixes of their names.
const TIERS: [(&str, &str); 6] = [
    ("private", "private"),
    ("public", "public"),
    ("intra", "intra"),
    ("database", "db"),
    ("elasticache", "elasticache"),
    ("redshift", "redshift"),
];

/// A call of the VPC module that creates a network ACL.
pub(in crate::terraform::edit) struct AclCall<'a> {
    call: RegistryCall<'a>,
    /// The kind of its subnets.
    tier: &'static str,
}

impl<'a> AclCall<'a> {
    /// The call in the target module that creates a network ACL with the name that the module gives it.
    pub fn of(draft: &Draft<'a>, acl: &NetworkAclId) -> Option<Self> {
        let vpc = draft.finder.network.vpc.as_ref()?;
        let call = RegistryCall::of_output(vpc, RegistryModule::Vpc)?;
        let name = call.text("name")?;
        let tag = draft.finder.snapshot.network.network_acls.get(acl)?.tags.get("Name")?;
        let is_own = |tier: &&(&str, &str)| {
            let (tier, suffix) = **tier;
            let own = call.text(&format!("{tier}_subnet_suffix"));
            call.text(&format!("{tier}_dedicated_network_acl")).as_deref() == Some("true")
                && *tag == format!("{name}-{}", own.as_deref().unwrap_or(suffix))
        };
        let (tier, _) = *TIERS.iter().find(is_own)?;
        let is_here = call.place.module.address == draft.finder.target.address;
        is_here.then_some(Self { call, tier })
    }

    /// The id of the ACL as an output of the module.
    pub fn id(&self) -> String {
        format!("module.{}.{}_network_acl_id", self.call.name(), self.tier)
    }

    /// Adds a rule to the list in the call. Returns `false`, and edits nothing, if the list cannot get it.
    ///
    /// # Errors
    /// The list has the rule already, or another rule with its number.
    pub fn add_rule(
        &self,
        draft: &mut Draft<'a>,
        (outbound, rule, last): (bool, &AclRule, u16),
    ) -> Result<bool, EditError> {
        let (place, address) = (self.call.place, self.call.address());
        let argument = format!("{}_{}_acl_rules", self.tier, if outbound { "outbound" } else { "inbound" });
        let number_of = |element: &Value| text(element, "rule_number")?.parse::<u32>().ok();
        let allows = |element: &Value| {
            let range = ["cidr_block", "ipv6_cidr_block"].iter().find_map(|name| text(element, name));
            let range = range.and_then(|range| range.parse::<IpNet>().ok());
            number_of(element).is_some_and(|number| number <= last.into())
                && text(element, "rule_action").as_deref() == Some("allow")
                && covers(element, (rule.ports.from, rule.ports.to))
                && range.is_some_and(|range| range.contains(&rule.remote))
        };
        let others = known_elements(draft, place, &argument);
        if others.iter().any(allows) {
            let address = format!("rule {} of {argument} of {address}", rule.number);
            return Err(EditError::AlreadyInCode { address, place: place.location() });
        }
        let range = match rule.remote {
            IpNet::V4(_) => "cidr_block",
            IpNet::V6(_) => "ipv6_cidr_block",
        };
        let fields = [
            ("rule_number", rule.number.to_string()),
            ("rule_action", quoted("allow")),
            ("from_port", rule.ports.from.to_string()),
            ("to_port", rule.ports.to.to_string()),
            ("protocol", quoted("tcp")),
            (range, quoted(&rule.remote.to_string())),
        ];
        if others.iter().any(|other| number_of(other) == Some(rule.number.into())) {
            let own: Vec<(String, String)> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            return Err(EditError::ByHand {
                place: place.location(),
                what: format!(
                    "{argument} has rule {} already, and AWS does not have it: add this entry with a free number",
                    rule.number
                ),
                snippet: format!("{}\n", object(&own)),
            });
        }
        let arguments = |_: &mut Draft<'a>, _: Values<'a>| {
            Some(fields.iter().map(|(name, value)| fixed(name, value.clone())).collect())
        };
        let form = Form::of_attribute(place, &argument).filter(|_| draft.is_editable_call(place));
        if !form.is_some_and(|form| draft.add_entry(&form, "", arguments)) {
            return Ok(false);
        }
        let name = format!("{}_{}", self.tier, if outbound { "outbound" } else { "inbound" });
        draft.reenabled.push(ResourceAddress::new(Some(&address), "aws_network_acl_rule", &name));
        draft.note(&format!(
            "{address} creates the network ACL: this edit adds a rule to {argument} of its call."
        ));
        Ok(true)
    }
}
