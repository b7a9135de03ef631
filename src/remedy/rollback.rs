//! The rollback of several remedies as one statement.

use crate::text::listed;

/// The step that undoes a remedy of `count` rules.
pub(super) const fn of_rules(count: usize) -> &'static str {
    if count == 1 { ONE_RULE } else { RULES }
}

const ONE_RULE: &str = "delete the rule";
const RULES: &str = "delete the rules";

/// One statement with each step once. A rollback is `STEP; NOTE`: what is deleted becomes one list, and the notes follow it.
pub(super) fn joined(rollbacks: &[&str]) -> String {
    let (mut deleted, mut steps, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let rules = rollbacks.iter().filter(|rollback| rollback.starts_with(ONE_RULE)).count();
    for rollback in rollbacks {
        let (step, note) = match rollback.split_once("; ") {
            Some((step, note)) => (step, Some(note)),
            None => (*rollback, None),
        };
        let step = if rules > 1 && step == ONE_RULE { RULES } else { step };
        match step.strip_prefix("delete ").filter(|_| !step.contains(" turn off ")) {
            Some(objects) => {
                objects
                    .split(", ")
                    .flat_map(|part| part.split(" and "))
                    .for_each(|one| add(&mut deleted, one));
            }
            None => add(&mut steps, step),
        }
        if let Some(note) = note {
            add(&mut notes, note);
        }
    }
    let delete = (!deleted.is_empty()).then(|| format!("delete {}", listed(&deleted, "and")));
    let steps: Vec<&str> = delete.as_deref().into_iter().chain(steps).collect();
    let statement = match steps.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{}, and {last}", first.join(", ")),
        _ => steps.concat(),
    };
    [vec![statement], notes.into_iter().map(str::to_owned).collect()].concat().join("; ")
}

fn add<'a>(list: &mut Vec<&'a str>, one: &'a str) {
    if !list.contains(&one) {
        list.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_in_the_statement_once() {
        let cases: [(&[&str], &str); 6] = [
            (
                &["delete the rule; open connections stay until they end", "turn on DNS"],
                "delete the rule, and turn on DNS; open connections stay until they end",
            ),
            (
                &["delete the rule", "delete the NAT gateway", "delete the rule"],
                "delete the rules and the NAT gateway",
            ),
            (
                &["delete the rules; open connections stay until they end"],
                "delete the rules; open connections stay until they end",
            ),
            (
                &[
                    "delete the S3 gateway endpoint; open S3 connections drop again",
                    "delete the interface endpoints; cached DNS answers expire within 60 s",
                ],
                "delete the S3 gateway endpoint and the interface endpoints; open S3 connections drop again; cached DNS answers expire \
                 within 60 s",
            ),
            (
                &[
                    "delete the S3 gateway endpoint; open S3 connections drop again",
                    "delete the routes, the NAT gateway and its Elastic IP address",
                    "delete the routes",
                ],
                "delete the S3 gateway endpoint, the routes, the NAT gateway and its Elastic IP address; open S3 connections drop again",
            ),
            (
                &[
                    "turn on DNS",
                    "delete the rules",
                    "set the old connector again; this deploys the service again",
                ],
                "delete the rules, turn on DNS, and set the old connector again; this deploys the service again",
            ),
        ];
        for (parts, whole) in cases {
            assert_eq!(joined(parts), whole);
        }
    }
}
