//! Compares the plan of the edited copy with the changes of the change set.
//!
//! A change that the plan also has without the edit is reported as pending drift. The check fails if the
//! plan destroys or replaces another resource, if the edit has no effect, or if the plan creates a resource of the team's code that
//! does what the edit does.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;
use serde_json::Value;

use crate::files::{cause, create_private_file};
use crate::terraform::changeset::ChangeSet;
use crate::terraform::lang::address::{AddressError, ResourceAddress};
use crate::terraform::prove::binary::Binary;
use crate::terraform::prove::outcome::Outcome;
use crate::terraform::prove::scratch::Scratch;
use crate::text::{json_error, listed};

const PLAN_FILE: &str = "egress-doctor.tfplan";

/// Actions by resource address: `["create"]`, `["delete", "create"]`.
type Actions = BTreeMap<ResourceAddress, Vec<String>>;
/// The purpose of each new endpoint, route and NAT gateway, of which AWS accepts one, or one is enough.
type Purposes = BTreeMap<ResourceAddress, String>;

/// Plans the edited copy.
pub(in crate::terraform) fn plan(
    binary: &Binary,
    changes: &ChangeSet,
    scratch: &Scratch,
) -> (Outcome, Vec<String>) {
    if is_locked(changes) {
        let why = format!("the local state is locked by another {binary} run");
        return (Outcome::NotRun(why), Vec::new());
    }
    let (after, purposes) = match planned_actions(binary, changes, scratch) {
        Ok(planned) => planned,
        Err(error) => return (error.outcome(binary, changes), Vec::new()),
    };
    if let Some(why) = pending_twin(&purposes, changes) {
        return (Outcome::Failed(why), Vec::new());
    }
    // The second plan costs seconds, so it runs only if the first plan has unexpected actions.
    let before = if unexpected_actions(&after, changes).is_empty() {
        None
    } else {
        Scratch::copy(changes, false)
            .ok()
            .and_then(|unedited| planned_actions(binary, changes, &unedited).ok())
            .map(|(actions, _)| actions)
    };
    compare(&after, before.as_ref(), changes)
}

/// Whether a Terraform run holds the lock of the local state.
pub(in crate::terraform) fn is_locked(changes: &ChangeSet) -> bool {
    changes.root.join(".terraform.tfstate.lock.info").exists()
}

/// Compares a plan with the change set; `before` is the plan without the edit, `None` if there is none.
fn compare(after: &Actions, before: Option<&Actions>, changes: &ChangeSet) -> (Outcome, Vec<String>) {
    let (mut notes, mut failures) = (Vec::new(), Vec::new());
    for (address, actions) in unexpected_actions(after, changes) {
        let verb = verb(actions);
        let is_pending = before.and_then(|before| before.get(address)) == Some(actions);
        if is_pending {
            notes.push(format!("The next apply also {verb} {address}, with or without this edit."));
        } else if actions.iter().any(|action| action == "delete") {
            failures.push(format!("the plan {verb} {address}, which is not part of this edit"));
        } else {
            notes.push(format!("The plan also {verb} {address}, which is not part of this edit."));
        }
    }
    for address in &changes.changes {
        let plain = ResourceAddress { key: None, ..address.clone() };
        let updated = after.iter().filter(|(planned, actions)| {
            planned.is_of(&plain) && actions.iter().any(|action| action == "update")
        });
        let updated = updated.count();
        let announced = changes.changes.iter().filter(|other| other.is_of(&plain)).count();
        if updated > announced {
            failures.push(format!(
                "the plan changes {updated} instances of {plain} instead of {}",
                spelled(announced)
            ));
        }
    }
    for address in changes.adds.iter().chain(&changes.changes).chain(&changes.destroys) {
        if !after.keys().any(|planned| planned.is_of(address)) {
            failures.push(format!("the plan does not change {address}, but this edit should"));
        }
    }
    let count =
        |kind: &str| after.values().filter(|actions| actions.iter().any(|action| action == kind)).count();
    let summary = format!(
        "Plan: {} to add, {} to change, {} to destroy.",
        count("create"),
        count("update"),
        count("delete")
    );
    notes.insert(0, summary);
    let is_own = |address: &ResourceAddress| changes.adds.iter().any(|added| address.is_of(added));
    let created =
        after.iter().filter(|(address, actions)| is_own(address) && **actions == ["create"]).count();
    if created != changes.added() && failures.is_empty() {
        notes.push(format!(
            "The plan adds {created} resources of this edit, and egress-doctor expected {}.",
            changes.added()
        ));
    }
    let outcome = if failures.is_empty() { Outcome::Passed } else { Outcome::Failed(failures.join("; ")) };
    (outcome, notes)
}

/// The failure for a new resource of the team's code with the purpose of a new resource of the edit: it is in the code, and not
/// applied.
fn pending_twin(purposes: &Purposes, changes: &ChangeSet) -> Option<String> {
    let is_own = |address: &ResourceAddress| changes.adds.iter().any(|added| address.is_of(added));
    purposes.iter().filter(|(address, _)| is_own(address)).find_map(|(own, purpose)| {
        let (other, _) = purposes.iter().find(|(address, known)| *known == purpose && !is_own(address))?;
        Some(format!(
            "the plan also creates {other}, which does the same as {own} of this edit: apply first, then run egress-doctor again"
        ))
    })
}

/// The planned actions that the change set does not list.
fn unexpected_actions<'p>(
    planned: &'p Actions,
    changes: &ChangeSet,
) -> Vec<(&'p ResourceAddress, &'p Vec<String>)> {
    let has = |addresses: &[ResourceAddress], planned: &ResourceAddress| {
        addresses.iter().any(|address| planned.is_of(address))
    };
    let is_expected = |address: &ResourceAddress, actions: &[String]| match actions {
        [action] if action == "create" => has(&changes.adds, address),
        [action] if action == "update" => has(&changes.changes, address),
        // A resource that is lost is announced with its key.
        [action] if action == "delete" => changes.destroys.contains(address),
        // A resource that is replaced is announced as new and as lost.
        [one, other] if one != other => has(&changes.adds, address) && changes.destroys.contains(address),
        _ => false,
    };
    planned.iter().filter(|(address, actions)| !is_expected(address, actions)).collect()
}

fn spelled(number: usize) -> String {
    if number == 1 { "one".to_owned() } else { number.to_string() }
}

/// The verb of `The plan VERB ADDRESS`.
fn verb(actions: &[String]) -> String {
    match actions.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["create"] => "adds".to_owned(),
        ["update"] => "changes".to_owned(),
        ["delete"] => "destroys".to_owned(),
        ["delete", "create"] | ["create", "delete"] => "replaces".to_owned(),
        other => format!("has the action {} for", listed(other, "and")),
    }
}

/// The reason why there is no plan.
enum PlanError {
    /// Terraform reports an error, with its file if known.
    Diagnostic { summary: String, file: Option<String> },
    /// The command failed without a reported error, or its output cannot be read.
    Failed(String),
}

impl PlanError {
    /// `Failed` if Terraform reports an error in a file of the edit. Otherwise `NotRun`: an error of
    /// credentials, the backend or AWS is not an error of the edit.
    fn outcome(self, binary: &Binary, changes: &ChangeSet) -> Outcome {
        match self {
            Self::Diagnostic { summary, file: Some(file) }
                if changes.files.iter().any(|change| change.path.ends_with(&file)) =>
            {
                Outcome::Failed(format!("{file}: {summary}"))
            }
            Self::Diagnostic { summary: why, .. } | Self::Failed(why) => {
                Outcome::NotRun(format!("{binary} plan: {why}"))
            }
        }
    }
}

/// A line of `terraform plan -json`.
#[derive(Deserialize)]
struct LogLine {
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

/// The part of the output of `terraform show -json PLAN` that is read.
#[derive(Deserialize)]
struct PlanJson {
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
    after: Option<Arguments>,
}

/// The arguments that make the purpose of a resource; no other value is kept, because it may be secret.
#[derive(Deserialize)]
struct Arguments {
    service_name: Option<Value>,
    vpc_id: Option<Value>,
    route_table_id: Option<Value>,
    destination_cidr_block: Option<Value>,
    subnet_id: Option<Value>,
}

/// The purpose of a new resource; `None` if an argument is unknown, or for another type.
fn purpose(address: &ResourceAddress, change: &Change) -> Option<String> {
    let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    let after = change.after.as_ref().filter(|_| change.actions == ["create"])?;
    let parts = match address.kind.as_str() {
        "aws_vpc_endpoint" => [text(&after.service_name)?, text(&after.vpc_id)?],
        "aws_route" => [text(&after.route_table_id)?, text(&after.destination_cidr_block)?],
        "aws_nat_gateway" => [text(&after.subnet_id)?, String::new()],
        _ => return None,
    };
    Some(format!("{} {}", address.kind, parts.join(" ")))
}

fn planned_actions(
    binary: &Binary,
    changes: &ChangeSet,
    scratch: &Scratch,
) -> Result<(Actions, Purposes), PlanError> {
    // The plan has sensitive values. Terraform keeps the mode of a file that exists.
    match create_private_file(&scratch.root.join(PLAN_FILE)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(PlanError::Failed(format!("cannot create the file of the plan: {}", cause(&error))));
        }
        _ => {}
    }
    let out = format!("-out={PLAN_FILE}");
    let run = |arguments: &[&str]| {
        binary.run(&scratch.root, arguments).map_err(|error| PlanError::Failed(error.to_string()))
    };
    let var_files: Vec<String> =
        changes.run.var_files.iter().map(|file| format!("-var-file={}", file.display())).collect();
    let mut arguments = vec!["plan", "-json", "-input=false", "-lock=false", &out];
    arguments.extend(var_files.iter().map(String::as_str));
    let planned = run(&arguments)?;
    if !planned.success {
        return Err(first_error(&planned.stdout).unwrap_or_else(|| {
            let message = planned.stderr.lines().map(str::trim).find(|line| !line.is_empty());
            PlanError::Failed(message.unwrap_or("the command failed").to_owned())
        }));
    }
    let shown = run(&["show", "-json", "-no-color", PLAN_FILE])?;
    let start = shown.stdout.find('{').unwrap_or_default();
    let plan: PlanJson =
        serde_json::from_str(shown.stdout.get(start..).unwrap_or_default()).map_err(|error| {
            PlanError::Failed(format!("cannot read the output of show: {}", json_error(&error)))
        })?;
    let is_change = |actions: &[String]| actions.iter().any(|action| action != "no-op" && action != "read");
    let changes = plan.resource_changes.into_iter().filter(|change| is_change(&change.change.actions));
    let (mut actions, mut purposes) = (Actions::new(), Purposes::new());
    for change in changes {
        let address: ResourceAddress =
            change.address.parse().map_err(|error: AddressError| PlanError::Failed(error.to_string()))?;
        purposes.extend(purpose(&address, &change.change).map(|purpose| (address.clone(), purpose)));
        actions.insert(address, change.change.actions);
    }
    Ok((actions, purposes))
}

/// The first error in the output of `terraform plan -json`.
fn first_error(log: &str) -> Option<PlanError> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<LogLine>(line).ok());
    let error = lines.filter_map(|line| line.diagnostic).find(|diagnostic| diagnostic.severity == "error")?;
    let detail = error.detail.lines().next().unwrap_or_default();
    let summary = format!("{}: {detail}", error.summary).trim_end_matches([':', ' ']).to_owned();
    Some(PlanError::Diagnostic { summary, file: error.range.map(|range| range.filename) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::path::PathBuf;

    use crate::terraform::changeset::EditEffect;
    use crate::terraform::read::tool::Runner;

    fn actions(list: &[(&str, &[&str])]) -> Actions {
        let owned = |(address, actions): &(&str, &[&str])| {
            Some((address.parse().ok()?, actions.iter().map(|action| (*action).to_owned()).collect()))
        };
        list.iter().filter_map(owned).collect()
    }

    fn edit() -> ChangeSet {
        ChangeSet {
            root: PathBuf::from("/x"),
            repository: None,
            files: Vec::new(),
            read: Vec::new(),
            data: PathBuf::new(),
            run: Runner::default(),
            imports: Vec::new(),
            adds: vec![
                ResourceAddress::new(None, "aws_route", "nat"),
                ResourceAddress::new(Some("module.net"), "aws_eip", "nat"),
            ],
            changes: vec![ResourceAddress::new(None, "aws_vpc", "main")],
            destroys: Vec::new(),
            more_instances: 0,
            notes: Vec::new(),
            by_hand: Vec::new(),
            effect: EditEffect::default(),
        }
    }

    #[test]
    fn expected_changes_pass_and_pending_drift_is_reported() {
        let expected: [(&str, &[&str]); 3] = [
            ("aws_route.nat[\"a\"]", &["create"]),
            ("module.net[0].aws_eip.nat[0]", &["create"]),
            ("aws_vpc.main", &["update"]),
        ];
        let (outcome, notes) = compare(&actions(&expected), None, &edit());
        assert_eq!((outcome, notes.len()), (Outcome::Passed, 1), "{notes:?}");
        assert_eq!(notes.first().map(String::as_str), Some("Plan: 2 to add, 1 to change, 0 to destroy."));
        let pending = actions(&[("aws_db_instance.main", &["delete", "create"])]);
        let both = expected.iter().copied().chain([("aws_db_instance.main", &["delete", "create"][..])]);
        let (outcome, notes) = compare(&actions(&both.collect::<Vec<_>>()), Some(&pending), &edit());
        assert_eq!(outcome, Outcome::Passed);
        assert!(
            notes
                .iter()
                .any(|note| note.contains("also replaces aws_db_instance.main, with or without this edit"))
        );
    }

    #[test]
    fn only_the_announced_instances_are_destroyed_and_changed() {
        let private = |kind: &str, key: &str| ResourceAddress::new(None, kind, "private").with_key(key);
        let announced = ChangeSet {
            adds: Vec::new(),
            changes: ["[1]", "[2]"].map(|key| private("aws_route_table_association", key)).into(),
            destroys: vec![private("aws_route_table", "[1]"), private("aws_route_table", "[2]")],
            ..edit()
        };
        let expected: [(&str, &[&str]); 4] = [
            ("aws_route_table_association.private[1]", &["update"]),
            ("aws_route_table_association.private[2]", &["update"]),
            ("aws_route_table.private[1]", &["delete"]),
            ("aws_route_table.private[2]", &["delete"]),
        ];
        assert_eq!(compare(&actions(&expected), None, &announced).0, Outcome::Passed);
        let more = expected.iter().copied().chain([("aws_route_table.private[0]", &["delete"][..])]);
        let why = "the plan destroys aws_route_table.private[0], which is not part of this edit".to_owned();
        assert_eq!(compare(&actions(&more.collect::<Vec<_>>()), None, &announced).0, Outcome::Failed(why));
    }

    #[test]
    fn a_pending_resource_with_the_same_purpose_fails() {
        let change = |text: &str| -> Change { serde_json::from_str(text).unwrap() };
        let route = r#"{"actions": ["create"], "after": {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0"}}"#;
        let own = ResourceAddress::new(None, "aws_route", "nat").with_key("[\"a\"]");
        let other = ResourceAddress::new(Some("module.net"), "aws_route", "out");
        let purposes = |addresses: &[&ResourceAddress]| -> Purposes {
            let all = addresses
                .iter()
                .map(|address| ((*address).clone(), purpose(address, &change(route)).unwrap()));
            all.collect()
        };
        assert_eq!(pending_twin(&purposes(&[&own]), &edit()), None);
        assert_eq!(
            pending_twin(&purposes(&[&own, &other]), &edit()).as_deref(),
            Some(
                "the plan also creates module.net.aws_route.out, which does the same as aws_route.nat[\"a\"] of this edit: apply first, then run egress-doctor again"
            )
        );
        let unknown = change(r#"{"actions": ["create"], "after": {"destination_cidr_block": "0.0.0.0/0"}}"#);
        assert_eq!(purpose(&other, &unknown), None);
    }

    #[test]
    fn an_unexpected_destroy_and_an_edit_without_effect_fail() {
        let (outcome, _) = compare(
            &actions(&[
                ("aws_route.nat", &["create"]),
                ("module.net.aws_eip.nat", &["create"]),
                ("aws_route.old", &["delete"]),
            ]),
            Some(&Actions::new()),
            &edit(),
        );
        let why = "the plan destroys aws_route.old, which is not part of this edit; the plan does not change aws_vpc.main, but this edit should";
        assert_eq!(outcome, Outcome::Failed(why.to_owned()));
    }

    #[test]
    fn an_error_fails_the_check_only_in_a_file_of_the_edit() {
        let log = |file: &str| {
            format!(
                "{{\"@level\":\"info\"}}\nno json\n{{\"@level\":\"error\",\"diagnostic\":{{\"severity\":\"error\",\"summary\":\"Bad\",\"detail\":\"Very bad\\nmore\",\"range\":{{\"filename\":\"{file}\"}}}}}}"
            )
        };
        let mut edit = edit();
        edit.files.push(crate::terraform::changeset::FileChange {
            path: PathBuf::from("modules/a/nat.tf"),
            before: None,
            after: String::new(),
        });
        let binary = Binary::terraform().unwrap();
        let outcome = |file: &str| first_error(&log(file)).map(|error| error.outcome(&binary, &edit));
        assert_eq!(
            outcome("modules/a/nat.tf"),
            Some(Outcome::Failed("modules/a/nat.tf: Bad: Very bad".to_owned()))
        );
        assert_eq!(outcome("provider.tf"), Some(Outcome::NotRun("terraform plan: Bad: Very bad".to_owned())));
        assert!(first_error("Error: x").is_none());
    }
}
