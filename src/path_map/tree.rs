//! Bundles equal paths: paths with the same first steps share these, destinations with the same end share it, and subnets with the
//! same paths share everything after them.

use std::sync::Arc;

use super::path::{Decider, Mark, Path, Step};
use crate::model::{ResourceId, SubnetId};
use crate::reach::Code;

/// A part of the map.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A component and what is behind it.
    Component(Step, Vec<Item>),
    /// Subnets with the same paths, and what is behind them.
    Subnets(Vec<SubnetId>, Vec<Item>),
    /// The end of the paths to some destinations.
    End(End),
}

/// The end of the paths to some destinations.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub mark: Mark,
    /// The component and the code that decide; `None` if the destinations are reached.
    pub decides: Option<(ResourceId, Option<Code>)>,
    /// The different rules that decide, each with its destinations and the first subnet that it decides for.
    pub rules: Vec<Rule>,
    /// Indices of the destinations in the findings.
    pub findings: Vec<usize>,
}

/// A rule that decides.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub text: Arc<str>,
    pub findings: Vec<usize>,
    pub subnet: Option<SubnetId>,
}

impl End {
    /// Whether it is an end of the same kind, at the same component.
    fn is_like(&self, other: &Self) -> bool {
        (self.mark, &self.decides) == (other.mark, &other.decides)
    }

    fn add_rules(&mut self, rules: Vec<Rule>) {
        for rule in rules {
            match self.rules.iter_mut().find(|known| known.text == rule.text) {
                Some(known) => {
                    let new = rule.findings.iter().filter(|finding| !known.findings.contains(finding));
                    let new: Vec<usize> = new.copied().collect();
                    known.findings.extend(new);
                }
                None => self.rules.push(rule),
            }
        }
    }
}

impl Item {
    /// Whether both have the same paths. The text of a rule can contain the range of its subnet, so the rules are not compared.
    fn is_same(&self, other: &Self) -> bool {
        let are_same = |one: &[Item], two: &[Item]| {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is_same(two))
        };
        match (self, other) {
            (Self::Component(step, one), Self::Component(other, two)) => step == other && are_same(one, two),
            (Self::Subnets(ids, one), Self::Subnets(others, two)) => ids == others && are_same(one, two),
            (Self::End(one), Self::End(two)) => one.is_like(two) && one.findings == two.findings,
            _ => false,
        }
    }

    /// Adds the rules of the same paths from another subnet.
    fn take_rules(&mut self, other: Self) {
        match (self, other) {
            (
                Self::Component(_, items) | Self::Subnets(_, items),
                Self::Component(_, others) | Self::Subnets(_, others),
            ) => {
                items.iter_mut().zip(others).for_each(|(item, other)| item.take_rules(other));
            }
            (Self::End(end), Self::End(other)) => end.add_rules(other.rules),
            _ => {}
        }
    }

    /// The items behind it.
    pub fn items(&self) -> &[Item] {
        match self {
            Self::Component(_, items) | Self::Subnets(_, items) => items,
            Self::End(_) => &[],
        }
    }
}

/// The paths as a tree with bundled subnets.
pub(super) fn bundled(paths: Vec<Path>) -> Vec<Item> {
    let mut items = Vec::new();
    for path in paths {
        let Path { steps, mark, decider, subnet, finding } = path;
        let rule = |Decider { rule, .. }: &Decider| Rule {
            text: Arc::clone(rule),
            findings: vec![finding],
            subnet: subnet.clone(),
        };
        let rules = decider.as_ref().map(rule).into_iter().collect();
        // An unknown subnet is not a component of its own, so that subnets with the same unknown are bundled.
        let is_subnet =
            |id: &ResourceId| subnet.as_ref().is_some_and(|subnet| subnet.as_str() == id.as_str());
        let decides = decider.map(|Decider { component, code, .. }| {
            (if is_subnet(&component) { ResourceId::from("subnet") } else { component }, code)
        });
        insert(&mut items, &steps, End { mark, decides, rules, findings: vec![finding] });
    }
    merge_subnets(items)
}

fn insert(items: &mut Vec<Item>, steps: &[Step], end: End) {
    let Some((first, rest)) = steps.split_first() else { return insert_end(items, end) };
    for item in items.iter_mut() {
        match (item, first) {
            (Item::Component(step, behind), first) if step == first => return insert(behind, rest, end),
            (Item::Subnets(ids, behind), Step::Subnet(id)) if ids.contains(id) => {
                return insert(behind, rest, end);
            }
            _ => {}
        }
    }
    let mut behind = Vec::new();
    insert(&mut behind, rest, end);
    items.push(match first {
        Step::Subnet(id) => Item::Subnets(vec![id.clone()], behind),
        step => Item::Component(step.clone(), behind),
    });
}

fn insert_end(items: &mut Vec<Item>, end: End) {
    let same = items.iter_mut().find_map(|item| match item {
        Item::End(other) if other.is_like(&end) => Some(other),
        _ => None,
    });
    match same {
        Some(other) => {
            other.findings.extend(end.findings);
            other.add_rules(end.rules);
        }
        None => items.push(Item::End(end)),
    }
}

/// Bundles the subnets that have the same items behind them.
fn merge_subnets(items: Vec<Item>) -> Vec<Item> {
    let mut merged: Vec<Item> = Vec::new();
    for item in items {
        match item {
            Item::Component(step, behind) => merged.push(Item::Component(step, merge_subnets(behind))),
            Item::Subnets(ids, behind) => {
                let is_same = |other: &Vec<Item>| {
                    other.len() == behind.len()
                        && other.iter().zip(&behind).all(|(one, two)| one.is_same(two))
                };
                let same = merged.iter_mut().find_map(|other| match other {
                    Item::Subnets(known, other) if is_same(other) => Some((known, other)),
                    _ => None,
                });
                match same {
                    Some((known, other)) => {
                        known.extend(ids);
                        other.iter_mut().zip(behind).for_each(|(one, two)| one.take_rules(two));
                    }
                    None => merged.push(Item::Subnets(ids, behind)),
                }
            }
            end @ Item::End(_) => merged.push(end),
        }
    }
    merged
}
