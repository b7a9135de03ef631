//! The clauses about routes that drop packets: blackhole routes, and missing return routes.
//!
//! Owns only these clauses of [`super::blocker`].

use super::blocker::{Blocker, joined};
use super::context::{Context, list, separated};
use crate::model::ResourceId;
use crate::reach::{Hop, Subject, state_of_target};

impl Blocker<'_> {
    /// The blackhole routes, each with its route tables.
    pub fn blackholes(&self, context: &Context<'_>) -> String {
        let same_route =
            |hop: &&&Hop, other: &Hop| (&hop.subject, &hop.owner) == (&other.subject, &other.owner);
        let facts = self.hops.iter().filter_map(|hop| {
            let Subject::Route { destination, target, is_return } = &hop.subject else { return None };
            let mut tables: Vec<&ResourceId> = self
                .hops
                .iter()
                .filter(|other| same_route(other, hop))
                .map(|other| &other.component)
                .collect();
            tables.sort_unstable();
            tables.dedup();
            let noun = if tables.len() == 1 { "route table" } else { "route tables" };
            let tables = joined(&tables);
            let place = match (is_return, context.owner(&hop.owner)) {
                (true, _) => format!(" of {}, in the return path,", context.subnet_of(&hop.owner)),
                (false, Some(owner)) => format!(" of the subnet of {owner}"),
                (false, None) => String::new(),
            };
            Some(format!(
                "the route {destination} -> {target} in {noun} {tables}{place} is a blackhole: {}",
                state_of_target(context.snapshot, target, "its")
            ))
        });
        separated(facts, "; ")
    }

    /// The rules of missing return routes, one clause for all ranges that one route table lacks.
    pub fn no_return_route(&self) -> String {
        const LINK: &str = " has no route back to ";
        let mut facts: Vec<(&str, &str, Vec<String>)> = Vec::new();
        for rule in self.hops.iter().map(|hop| &*hop.rule) {
            let parts =
                rule.split_once(LINK).and_then(|(table, rest)| Some((table, rest.split_once(" through ")?)));
            let Some((table, (range, peering))) = parts else { return self.rules() };
            match facts.iter_mut().find(|(other, through, _)| (*other, *through) == (table, peering)) {
                Some((.., ranges)) => ranges.push(range.to_owned()),
                None => facts.push((table, peering, vec![range.to_owned()])),
            }
        }
        let facts = facts.into_iter().map(|(table, peering, ranges)| {
            format!("{table}{LINK}{} through {peering}", list(ranges.into_iter()))
        });
        separated(facts, "; ")
    }
}
