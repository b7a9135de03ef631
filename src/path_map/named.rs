//! The parts of the map with their names: everything that does not depend on the selection and the width.

use super::labels::{Labels, NamedRule};
use super::path::Mark;
use super::tree::Item;
use crate::model::SubnetId;

/// A part of the map and what is behind it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub kind: Kind,
    pub behind: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A component, and whether it does not exist yet.
    Component { name: String, is_new: bool },
    /// The rows of subnets with the same paths, each with the ids that it stands for.
    Subnets(Vec<(String, Vec<SubnetId>)>),
    /// The end of the paths to some destinations, as indices of the findings: their names, and the rules that decide.
    End { mark: Mark, names: String, rules: Vec<NamedRule>, findings: Vec<usize> },
}

/// The rule of the selected path: subnet and destination. From this subnet if it has its own one; without a selected path the first.
pub(super) fn rule_of<'a>(rules: &'a [NamedRule], selected: Option<(Option<&SubnetId>, usize)>) -> &'a str {
    let first = rules.first().and_then(|rule| rule.texts.first());
    let own = selected.and_then(|(subnet, finding)| {
        let text = |rule: &'a NamedRule| rule.texts.iter().find(|(of, _)| *of == finding);
        let is_here = |rule: &&NamedRule| rule.subnet.as_ref() == subnet;
        rules.iter().filter(is_here).find_map(text).or_else(|| rules.iter().find_map(text))
    });
    own.or(first).map_or("", |(_, text)| text)
}

impl Part {
    /// Whether the path from a subnet to a destination contains it.
    pub fn contains(&self, subnet: Option<&SubnetId>, finding: usize) -> bool {
        let is_here = match &self.kind {
            Kind::Component { .. } => true,
            Kind::Subnets(rows) => subnet.is_some_and(|id| rows.iter().any(|(_, ids)| ids.contains(id))),
            Kind::End { findings, .. } => return findings.contains(&finding),
        };
        is_here && self.behind.iter().any(|part| part.contains(subnet, finding))
    }
}

/// The items with their names. An end with the destinations of an earlier one does not repeat their names.
pub(super) fn named(items: &[Item], labels: &Labels<'_>) -> Vec<Part> {
    parts(items, labels, &mut Vec::new())
}

fn parts<'a>(items: &'a [Item], labels: &Labels<'_>, known: &mut Vec<(Mark, &'a [usize])>) -> Vec<Part> {
    let part = |item: &'a Item| {
        let kind = match item {
            Item::Component(step, _) => {
                let (name, is_new) = labels.component(step);
                Kind::Component { name, is_new }
            }
            Item::Subnets(ids, _) => Kind::Subnets(labels.subnets(ids)),
            Item::End(end) => {
                let key = (end.mark, end.findings.as_slice());
                let (names, rules) = labels.end(end, known.contains(&key));
                known.push(key);
                Kind::End { mark: end.mark, names, rules, findings: end.findings.clone() }
            }
        };
        Part { kind, behind: parts(item.items(), labels, known) }
    };
    items.iter().map(part).collect()
}
