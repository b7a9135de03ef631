//! What `plan` says it would do, held against what the edit announces.
//!
//! What the plan has beside that and had before the edit too is somebody else's pending change, and said so. What it destroys or
//! replaces because of the edit stops it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::terraform::changeset::ChangeSet;
use crate::terraform::lang::address::without_keys;
use crate::terraform::prove::binary::Binary;
use crate::terraform::prove::check::{Outcome, is_locked};
use crate::terraform::prove::scratch::Scratch;

const FILE: &str = "egress-doctor.tfplan";

/// Actions by address, `["create"]`, `["delete", "create"]`.
type Actions = BTreeMap<String, Vec<String>>;

/// Plans the edited copy.
pub(in crate::terraform) fn plan(
    binary: &Binary,
    changes: &ChangeSet,
    scratch: &Scratch,
) -> (Outcome, Vec<String>) {
    if is_locked(changes) {
        let why = format!("another run of {binary} holds the lock of this folder's state");
        return (Outcome::NotRun(why), Vec::new());
    }
    let after = match actions(binary, scratch) {
        Ok(after) => after,
        Err(trouble) => return (trouble.outcome(binary, changes), Vec::new()),
    };
    // Only when there is more than was announced: what was pending before?
    let extra = |actions: &Actions| !beside(actions, changes).is_empty();
    let before = if extra(&after) {
        Scratch::copy(changes, false).ok().and_then(|scratch| actions(binary, &scratch).ok())
    } else {
        None
    };
    judge(&after, before.as_ref(), changes)
}

/// Holds a plan against what was announced; `before` is the plan without the edit, where it was asked for.
fn judge(after: &Actions, before: Option<&Actions>, changes: &ChangeSet) -> (Outcome, Vec<String>) {
    let (mut notes, mut stops) = (Vec::new(), Vec::new());
    for (address, actions) in beside(after, changes) {
        let words = in_words(actions);
        let was = before.and_then(|before| before.get(address));
        if was == Some(actions) {
            notes.push(format!("The next apply {words} {address} too, with this edit or without it."));
        } else if actions.iter().any(|action| action == "delete") {
            stops.push(format!("it {words} {address}, which was not announced"));
        } else {
            notes.push(format!("It {words} {address} too, which this edit does not touch."));
        }
    }
    for address in &changes.changes {
        let plain = without_keys(address);
        let many = after.iter().filter(|(one, actions)| {
            without_keys(one) == plain && actions.iter().any(|action| action == "update")
        });
        let many = many.count();
        if many > 1 {
            stops.push(format!("it changes {many} instances of {plain}, and one was meant"));
        }
    }
    let planned: BTreeSet<String> = after.keys().map(|address| without_keys(address)).collect();
    for address in changes.adds.iter().chain(&changes.changes) {
        if !planned.contains(&without_keys(address)) {
            stops.push(format!("it does nothing to {address}, which was announced"));
        }
    }
    let count = |kind: &str| after.values().filter(|actions| actions.iter().any(|one| one == kind)).count();
    let tally = format!(
        "The plan: {} to add, {} to change, {} to destroy.",
        count("create"),
        count("update"),
        count("delete")
    );
    notes.insert(0, tally);
    let outcome = if stops.is_empty() { Outcome::Passed } else { Outcome::Failed(stops.join("; ")) };
    (outcome, notes)
}

/// What is planned beside what was announced.
fn beside<'p>(planned: &'p Actions, changes: &ChangeSet) -> Vec<(&'p String, &'p Vec<String>)> {
    let plain = |list: &[String]| list.iter().map(|address| without_keys(address)).collect::<BTreeSet<_>>();
    let (adds, updates) = (plain(&changes.adds), plain(&changes.changes));
    let is_announced = |address: &str, actions: &[String]| match actions {
        [only] if only == "create" => adds.contains(&without_keys(address)),
        [only] if only == "update" => updates.contains(&without_keys(address)),
        _ => false,
    };
    planned.iter().filter(|(address, actions)| !is_announced(address, actions)).collect()
}

fn in_words(actions: &[String]) -> String {
    match actions.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["create"] => "adds".to_owned(),
        ["update"] => "changes".to_owned(),
        ["delete"] => "destroys".to_owned(),
        ["delete", "create"] | ["create", "delete"] => "replaces".to_owned(),
        other => format!("does {} to", other.join(" and ")),
    }
}

/// Why there is no plan.
enum Trouble {
    /// Terraform objects, and where.
    Objected { summary: String, file: Option<String> },
    /// It did not come to an answer.
    Failed(String),
}

impl Trouble {
    /// An objection to a file of the edit is the edit's fault; credentials, backends and AWS are not.
    fn outcome(self, binary: &Binary, changes: &ChangeSet) -> Outcome {
        match self {
            Self::Objected { summary, file: Some(file) }
                if changes.files.iter().any(|one| one.path.ends_with(&file)) =>
            {
                Outcome::Failed(format!("{file}: {summary}"))
            }
            Self::Objected { summary: why, .. } | Self::Failed(why) => {
                Outcome::NotRun(format!("{binary} plan: {why}"))
            }
        }
    }
}

#[derive(Deserialize)]
struct Line {
    diagnostic: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Diagnostic {
    severity: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    detail: String,
    range: Option<Range>,
}

#[derive(Deserialize)]
struct Range {
    filename: String,
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    resource_changes: Vec<ResourceChange>,
}

#[derive(Deserialize)]
struct ResourceChange {
    address: String,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    actions: Vec<String>,
}

fn actions(binary: &Binary, scratch: &Scratch) -> Result<Actions, Trouble> {
    let out = format!("-out={FILE}");
    let run = |arguments: &[&str]| {
        binary.run(&scratch.root, arguments).map_err(|error| Trouble::Failed(error.to_string()))
    };
    let planned = run(&["plan", "-json", "-input=false", "-lock=false", &out])?;
    if !planned.success {
        return Err(objection(&planned.out).unwrap_or_else(|| {
            let said =
                planned.error.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed").trim();
            Trouble::Failed(said.to_owned())
        }));
    }
    let shown = run(&["show", "-json", "-no-color", FILE])?;
    let start = shown.out.find('{').unwrap_or_default();
    let shown: Shown = serde_json::from_str(shown.out.get(start..).unwrap_or_default())
        .map_err(|error| Trouble::Failed(format!("its answer could not be read: {error}")))?;
    let is_change = |actions: &[String]| actions.iter().any(|one| one != "no-op" && one != "read");
    let changes = shown.resource_changes.into_iter().filter(|one| is_change(&one.change.actions));
    Ok(changes.map(|one| (one.address, one.change.actions)).collect())
}

/// The first error of a plan's log.
fn objection(log: &str) -> Option<Trouble> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    let first = lines.filter_map(|line| line.diagnostic).find(|diagnostic| diagnostic.severity == "error")?;
    let detail = first.detail.lines().next().unwrap_or_default();
    let summary = format!("{}: {detail}", first.summary).trim_end_matches([':', ' ']).to_owned();
    Some(Trouble::Objected { summary, file: first.range.map(|range| range.filename) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn actions(list: &[(&str, &[&str])]) -> Actions {
        let one = |(address, actions): &(&str, &[&str])| {
            ((*address).to_owned(), actions.iter().map(|one| (*one).to_owned()).collect())
        };
        list.iter().map(one).collect()
    }

    fn edit() -> ChangeSet {
        ChangeSet {
            root: PathBuf::from("/x"),
            repository: None,
            files: Vec::new(),
            read: Vec::new(),
            data: PathBuf::new(),
            imports: Vec::new(),
            adds: vec!["aws_route.nat".to_owned(), "module.net.aws_eip.nat".to_owned()],
            changes: vec!["aws_vpc.main".to_owned()],
            notes: Vec::new(),
        }
    }

    #[test]
    fn what_was_announced_passes_and_what_was_pending_is_said() {
        let ours: [(&str, &[&str]); 3] = [
            ("aws_route.nat[\"a\"]", &["create"]),
            ("module.net[0].aws_eip.nat[0]", &["create"]),
            ("aws_vpc.main", &["update"]),
        ];
        let (outcome, notes) = judge(&actions(&ours), None, &edit());
        assert_eq!((outcome, notes.len()), (Outcome::Passed, 1), "{notes:?}");
        assert_eq!(notes.first().map(String::as_str), Some("The plan: 2 to add, 1 to change, 0 to destroy."));
        let pending = actions(&[("aws_db_instance.main", &["delete", "create"])]);
        let both = ours.iter().copied().chain([("aws_db_instance.main", &["delete", "create"][..])]);
        let (outcome, notes) = judge(&actions(&both.collect::<Vec<_>>()), Some(&pending), &edit());
        assert_eq!(outcome, Outcome::Passed);
        assert!(
            notes
                .iter()
                .any(|note| note.contains("replaces aws_db_instance.main too, with this edit or without"))
        );
    }

    #[test]
    fn a_destroy_that_was_not_announced_stops_and_so_does_an_edit_without_effect() {
        let (outcome, _) = judge(
            &actions(&[
                ("aws_route.nat", &["create"]),
                ("module.net.aws_eip.nat", &["create"]),
                ("aws_route.old", &["delete"]),
            ]),
            Some(&Actions::new()),
            &edit(),
        );
        let why = "it destroys aws_route.old, which was not announced; it does nothing to aws_vpc.main, which was announced";
        assert_eq!(outcome, Outcome::Failed(why.to_owned()));
    }

    #[test]
    fn an_error_in_a_file_of_the_edit_is_the_edits_and_others_are_not() {
        let log = |file: &str| {
            format!(
                "{{\"@level\":\"info\"}}\nno json\n{{\"@level\":\"error\",\"diagnostic\":{{\"severity\":\"error\",\"summary\":\"Bad\",\"detail\":\"Very bad\\nmore\",\"range\":{{\"filename\":\"{file}\"}}}}}}"
            )
        };
        let mut edit = edit();
        edit.files.push(crate::terraform::FileChange {
            path: PathBuf::from("modules/a/nat.tf"),
            before: None,
            after: String::new(),
        });
        let binary = Binary::TERRAFORM;
        let told = |file: &str| objection(&log(file)).map(|trouble| trouble.outcome(&binary, &edit));
        assert_eq!(
            told("modules/a/nat.tf"),
            Some(Outcome::Failed("modules/a/nat.tf: Bad: Very bad".to_owned()))
        );
        assert_eq!(told("provider.tf"), Some(Outcome::NotRun("terraform plan: Bad: Very bad".to_owned())));
        assert!(objection("Error: x").is_none());
    }
}
