//! Finds the code behind the workload: the service, its connector, and the names that the tree uses.

use super::EditError;
use super::scan::{Block, place};
use super::state::State;
use super::workspace::{File, Workspace};
use crate::model::{Egress, Snapshot, VpcId, Workload};
use crate::reach::{Egresses, egresses};

/// The code of an App Runner service and what surrounds it.
pub(super) struct Site<'a> {
    pub service: (&'a File, &'a Block),
    pub connector: (&'a File, &'a Block),
    /// Expression of the connector's subnets, `local.app_runner_subnet_ids`.
    pub subnets: String,
    /// The VPC's block without `.id`, `data.aws_vpc.existing`; `None` when only an id is at hand.
    pub vpc_block: Option<String>,
    /// Expression of the VPC's id.
    pub vpc_id: String,
    /// Expression or text of the region for use inside a string, `${var.aws_region}`.
    pub region: String,
    /// What the `Name` tags begin with, `${var.project_name}-${var.environment}-`; `None` when the tree tags nothing.
    pub name_prefix: Option<String>,
}

/// `resource` blocks are addressed by type and name.
pub(super) fn address(block: &Block) -> String {
    let labels = block.labels.join(".");
    if block.kind == "data" { format!("data.{labels}") } else { labels }
}

/// `backend.tf:12`
pub(super) fn at(file: &File, block: &Block) -> String {
    format!("{}:{}", file.path.display(), place(&file.text, block.span.start).0)
}

impl<'a> Site<'a> {
    pub fn find(
        workspace: &'a Workspace,
        state: &State,
        snapshot: &Snapshot,
        workload: &Workload,
    ) -> Result<Self, EditError> {
        let service = service(workspace, workload)?;
        let connector = connector(workspace, snapshot, workload, service)?;
        let subnets = connector
            .1
            .body
            .attribute("subnets")
            .map(|attribute| connector.0.value(attribute).to_owned())
            .ok_or_else(|| EditError::NotUnderstood {
                place: at(connector.0, connector.1),
                what: "the connector has no `subnets` attribute".to_owned(),
            })?;
        let vpc_id = vpc_id(workspace, state, vpc_of(snapshot, workload), connector)?;
        let vpc_block =
            vpc_id.strip_suffix(".id").filter(|text| text.contains("aws_vpc.")).map(str::to_owned);
        Ok(Self {
            service,
            connector,
            subnets,
            vpc_block,
            vpc_id,
            region: region(workspace, snapshot),
            name_prefix: name_prefix(workspace),
        })
    }

    /// A name for a new resource: the tree's own prefix, or the service's name.
    pub fn named(&self, ending: &str) -> Option<String> {
        self.name_prefix.as_ref().map(|prefix| format!("\"{prefix}{ending}\""))
    }
}

/// The service whose name is the workload's; or the only one, when its name cannot be told here.
fn service<'a>(workspace: &'a Workspace, workload: &Workload) -> Result<(&'a File, &'a Block), EditError> {
    let mut unknown = Vec::new();
    let mut others = Vec::new();
    for (file, block) in workspace.resources("aws_apprunner_service") {
        let name = block.body.attribute("service_name").map(|attribute| file.value(attribute));
        match name.and_then(|name| workspace.evaluate(name)) {
            Some(name) if name == workload.name => return Ok((file, block)),
            Some(name) => others.push(format!("{} is {name} ({})", address(block), at(file, block))),
            None => unknown.push((file, block)),
        }
    }
    match unknown.as_slice() {
        [only] => Ok(*only),
        [] if others.is_empty() => Err(EditError::NotFound {
            what: "an aws_apprunner_service: none is declared in this folder. Give the folder that declares it (code \
                   in a module is not followed yet)"
                .to_owned(),
        }),
        [] => Err(EditError::NotFound { what: format!("a service named {}: {}", workload.name, others.join(", ")) }),
        several => {
            let list: Vec<String> = several.iter().map(|(file, block)| at(file, block)).collect();
            Err(EditError::Ambiguous { what: format!("the service {}", workload.name), places: list })
        }
    }
}

/// The connector that the service names, or the only one.
fn connector<'a>(
    workspace: &'a Workspace,
    snapshot: &Snapshot,
    workload: &Workload,
    (file, service): (&'a File, &'a Block),
) -> Result<(&'a File, &'a Block), EditError> {
    let named = egress_configuration(service)
        .and_then(|block| block.body.attribute("vpc_connector_arn"))
        .map(|attribute| file.value(attribute));
    let all: Vec<_> = workspace.resources("aws_apprunner_vpc_connector").collect();
    let by_name = all
        .iter()
        .find(|(_, block)| named.is_some_and(|text| text.starts_with(&format!("{}.", address(block)))));
    // One that the service does not name must at least not be known to be another.
    let wanted = match &workload.egress {
        Egress::Vpc(arn) => snapshot.network.connectors.get(arn).map(|connector| connector.name.as_str()),
        Egress::Default | Egress::Direct { .. } | Egress::Unknown(_) => None,
    };
    let is_another = |(file, block): &(&File, &Block)| {
        let name = block.body.attribute("vpc_connector_name").map(|attribute| file.value(attribute));
        let name = name.and_then(|name| workspace.evaluate(name));
        matches!((&name, wanted), (Some(name), Some(wanted)) if name != wanted)
    };
    let by_name = by_name.or_else(|| all.iter().find(|_| named.is_none()));
    let all: Vec<_> = all.iter().filter(|one| !is_another(one)).copied().collect();
    match (by_name, all.as_slice()) {
        (Some(found), _) | (None, [found]) => Ok(*found),
        (None, []) => {
            Err(EditError::NotFound { what: "an aws_apprunner_vpc_connector in this folder".to_owned() })
        }
        (None, several) => Err(EditError::Ambiguous {
            what: "the VPC connector".to_owned(),
            places: several.iter().map(|(file, block)| at(file, block)).collect(),
        }),
    }
}

/// `network_configuration { egress_configuration { … } }`
pub(super) fn egress_configuration(service: &Block) -> Option<&Block> {
    let network = service.body.blocks("network_configuration").next()?;
    network.body.blocks("egress_configuration").next()
}

/// The VPC that the workload's connector is in.
fn vpc_of<'s>(snapshot: &'s Snapshot, workload: &Workload) -> Option<&'s VpcId> {
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else { return None };
    sources.iter().find_map(|source| snapshot.network.subnets.get(&source.subnet)).map(|subnet| &subnet.vpc)
}

/// The expression that the tree itself uses for the workload's VPC. Where it speaks of several, the one that is known to be it:
/// the state says so, its value is the id, or the connector's own security group is in it.
fn vpc_id(
    workspace: &Workspace,
    state: &State,
    vpc: Option<&VpcId>,
    (file, connector): (&File, &Block),
) -> Result<String, EditError> {
    let made = vpc.and_then(|vpc| state.expression(vpc.as_str(), &["aws_vpc", "aws_default_vpc"]));
    if let Some(expression) = made {
        return Ok(expression);
    }
    let mut used: Vec<(String, String)> = Vec::new();
    let of = |kind: &'static str| workspace.resources(kind);
    for (file, block) in of("aws_security_group").chain(of("aws_vpc_endpoint")) {
        let Some(attribute) = block.body.attribute("vpc_id") else { continue };
        let text = file.value(attribute).to_owned();
        // What is another VPC for certain, or differs from one instance of a block to the next.
        let is_another =
            workspace.evaluate(&text).is_some_and(|id| vpc.is_some_and(|vpc| id != vpc.as_str()));
        if !is_another
            && !text.contains("each.")
            && !text.contains("count.")
            && !used.iter().any(|(known, _)| *known == text)
        {
            used.push((text, at(file, block)));
        }
    }
    if used.is_empty() {
        let blocks = workspace.data("aws_vpc").chain(workspace.resources("aws_vpc"));
        used.extend(blocks.map(|(file, block)| (format!("{}.id", address(block)), at(file, block))));
    }
    let is_it = |text: &str| vpc.is_some_and(|vpc| workspace.evaluate(text).as_deref() == Some(vpc.as_str()));
    let of_group = || {
        let groups = file.value(connector.body.attribute("security_groups")?);
        let group = of("aws_security_group").find(|(_, group)| names(groups, &address(group)))?;
        Some(group.0.value(group.1.body.attribute("vpc_id")?).to_owned())
    };
    let certain = used.iter().find(|(text, _)| is_it(text)).map(|(text, _)| text.clone()).or_else(of_group);
    match (certain, used.as_slice()) {
        (Some(text), _) => Ok(text),
        (None, [(only, _)]) => Ok(only.clone()),
        (None, []) => Err(EditError::NotFound {
            what: "the VPC: no `vpc_id = …`, `data \"aws_vpc\"` or `resource \"aws_vpc\"` in this folder"
                .to_owned(),
        }),
        (None, several) => Err(EditError::Ambiguous {
            what: "the connector's VPC".to_owned(),
            places: several.iter().map(|(text, place)| format!("{text} ({place})")).collect(),
        }),
    }
}

/// Whether an expression names a block as a whole, `[aws_security_group.app.id]`; not one of several that it makes.
fn names(expression: &str, address: &str) -> bool {
    let mut uses = expression.match_indices(address).filter_map(|(at, _)| {
        let before = expression.get(..at)?.chars().next_back();
        Some((before, expression.get(at + address.len()..)?.chars().next()))
    });
    let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    uses.any(|(before, after)| !before.is_some_and(is_name) && after == Some('.'))
}

/// A variable for the region when its value is right or not known, else the region itself.
fn region(workspace: &Workspace, snapshot: &Snapshot) -> String {
    for name in ["aws_region", "region"] {
        let value = workspace.evaluate(&format!("var.{name}"));
        if workspace.has_variable(name) && value.is_none_or(|value| value == snapshot.region.as_str()) {
            return format!("${{var.{name}}}");
        }
    }
    snapshot.region.to_string()
}

/// What the `Name` tags of the tree begin with, up to and with the dash after the last interpolation.
fn name_prefix(workspace: &Workspace) -> Option<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (file, block) in workspace.blocks("resource") {
        let Some(tags) = block.body.attribute("tags") else { continue };
        for line in file.value(tags).lines() {
            let Some(value) =
                line.trim().strip_prefix("Name").map(|rest| rest.trim_start().trim_start_matches('=').trim())
            else {
                continue;
            };
            let Some(text) =
                value.strip_prefix('"').and_then(|text| text.split_once('"').map(|(text, _)| text))
            else {
                continue;
            };
            let Some(end) = text.rfind("}-").map(|at| at + 2) else { continue };
            let prefix = text.get(..end).unwrap_or_default().to_owned();
            match counts.iter_mut().find(|(known, _)| *known == prefix) {
                Some((_, count)) => *count += 1,
                None => counts.push((prefix, 1)),
            }
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(prefix, _)| prefix)
}
