//! Address ranges with precedence, as sorted intervals without overlap. A binary search finds the first
//! interval of a range.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use ipnet::IpNet;

use crate::model::Addresses;

/// A range of addresses, with the index of the entry that applies to it.
struct Span {
    start: u128,
    end: u128,
    entry: usize,
}

/// Spans in ascending order, without overlap.
pub(super) struct Intervals(Vec<Span>);

/// The addresses of a set to which one group of entries applies.
pub(super) struct Part {
    /// The number of the group.
    pub group: usize,
    /// Its addresses.
    pub addresses: Addresses,
    /// The entries of the group that apply to them.
    pub entries: Vec<usize>,
}

/// A set of addresses, split by the entries that apply.
pub(super) struct Split {
    /// One part for each group, in ascending order.
    pub parts: Vec<Part>,
    /// The addresses that no entry covers.
    pub rest: Addresses,
}

impl Intervals {
    /// The intervals of these ranges. Where ranges overlap, the earlier range applies.
    pub fn new(entries: impl Iterator<Item = IpNet>) -> Self {
        // The first number of each range, and the first number after it.
        let mut events: Vec<(u128, bool, usize)> = Vec::new();
        for (entry, net) in entries.enumerate() {
            for range in Addresses::from(net).ranges() {
                events.push((*range.start(), true, entry));
                events.extend(range.end().checked_add(1).map(|after| (after, false, entry)));
            }
        }
        events.sort_unstable();
        let mut spans: Vec<Span> = Vec::new();
        let mut open: BTreeSet<usize> = BTreeSet::new();
        let mut at = 0;
        for (position, begins, entry) in events {
            if position > at {
                push(&mut spans, at..=position - 1, open.first());
                at = position;
            }
            if begins {
                open.insert(entry);
            } else {
                open.remove(&entry);
            }
        }
        push(&mut spans, at..=u128::MAX, open.first());
        Self(spans)
    }

    /// Splits a set by the entries that apply. Entries of one group share a part. Addresses of entries
    /// without a group are in no part and not in the rest.
    pub fn split(&self, set: &Addresses, group_of: impl Fn(usize) -> Option<usize>) -> Split {
        let mut parts: BTreeMap<usize, (Vec<RangeInclusive<u128>>, Vec<usize>)> = BTreeMap::new();
        let mut rest = Vec::new();
        for range in set.ranges() {
            let end = *range.end();
            let mut next = Some(*range.start());
            let first = self.0.partition_point(|span| span.end < *range.start());
            for span in self.0.iter().skip(first).take_while(|span| span.start <= end) {
                let Some(at) = next else { break };
                if at < span.start {
                    rest.push(at..=span.start - 1);
                }
                let to = end.min(span.end);
                if let Some(group) = group_of(span.entry) {
                    let (ranges, entries) = parts.entry(group).or_default();
                    ranges.push(at.max(span.start)..=to);
                    if entries.last() != Some(&span.entry) {
                        entries.push(span.entry);
                    }
                }
                next = to.checked_add(1).filter(|next| *next <= end);
            }
            rest.extend(next.map(|at| at..=end));
        }
        let part = |(group, (ranges, mut entries)): (usize, (Vec<_>, Vec<usize>))| {
            entries.sort_unstable();
            entries.dedup();
            Part { group, addresses: Addresses::from_numbers(ranges), entries }
        };
        let parts = parts.into_iter().map(part).collect();
        Split { parts, rest: Addresses::from_numbers(rest) }
    }
}

/// Adds a range. If the last span is adjacent and has the same entry, it is extended instead.
fn push(spans: &mut Vec<Span>, range: RangeInclusive<u128>, entry: Option<&usize>) {
    let Some(&entry) = entry else { return };
    let (start, end) = range.into_inner();
    match spans.last_mut() {
        Some(last) if last.entry == entry && last.end.checked_add(1) == Some(start) => last.end = end,
        _ => spans.push(Span { start, end, entry }),
    }
}
