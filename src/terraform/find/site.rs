//! Finds the code behind the workload: the service, its connector, and the names that the tree uses.

use crate::model::{Egress, Snapshot, SubnetId, VpcId, Workload};
use crate::reach::{Egresses, egresses};
use crate::terraform::answer::{Answers, Candidate};
use crate::terraform::error::EditError;
use crate::terraform::find::decide::{CERTAIN, FITTING, OPEN, decide};
use crate::terraform::find::finder::{list_of_subnets, named};
use crate::terraform::find::score::{Tag, name_tag};
use crate::terraform::lang::address::address;
use crate::terraform::lang::partial::differs_by_instance;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::config::Workspace;
use crate::terraform::read::place::{Place, at};
use crate::terraform::read::state::State;

/// The code of an App Runner service and what surrounds it.
pub(in crate::terraform) struct Site<'a> {
    pub service: Place<'a>,
    pub connector: Place<'a>,
    /// The code that new resources go to: where the connector is, or the root where that code is called more than once or is
    /// somebody else's.
    pub home: &'a Workspace,
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
    /// How the service and the connector were found, where that is not certain; whole sentences.
    pub evidence: Vec<String>,
}

impl<'a> Site<'a> {
    pub fn find(
        project: &'a Workspace,
        state: &State,
        (snapshot, workload): (&Snapshot, &Workload),
        answers: &Answers,
    ) -> Result<Self, EditError> {
        let mut evidence = Vec::new();
        let service = service(project, (snapshot, workload), answers, &mut evidence)?;
        let connector = connector(project, (snapshot, workload), service, answers, &mut evidence)?;
        for place in [service, connector] {
            if let Some(other) = place.scope.overridden(place.block) {
                return Err(EditError::NotUnderstood {
                    place: other,
                    what: format!("{} ({}) is overridden here", place.in_root(), place.at()),
                });
            }
        }
        let is_ours = !connector.scope.installed && !project.is_shared(connector.scope);
        let home = if is_ours { connector.scope } else { project };
        let written = || {
            let attribute = connector.block.body.attribute("subnets");
            attribute.map(|attribute| connector.file.value(attribute).to_owned()).ok_or_else(|| {
                EditError::NotUnderstood {
                    place: connector.at(),
                    what: "the connector has no `subnets` attribute".to_owned(),
                }
            })
        };
        let given = || {
            let caller =
                project.caller(connector.scope).filter(|caller| caller.scope.module == home.module)?;
            let attribute = caller.block.body.attribute("vpc_connector_subnets")?;
            Some(caller.file.value(attribute).to_owned())
        };
        let subnets = if is_ours && !differs_by_instance(&written()?) {
            written()?
        } else {
            given().unwrap_or_else(|| list_of_subnets(state, home, &subnets_of(snapshot, workload)))
        };
        let vpc_id =
            vpc_id(home, (state, snapshot), vpc_of(snapshot, workload), is_ours.then_some(connector))?;
        let vpc_block =
            vpc_id.strip_suffix(".id").filter(|text| text.contains("aws_vpc.")).map(str::to_owned);
        Ok(Self {
            service,
            connector,
            home,
            subnets,
            vpc_block,
            vpc_id,
            region: region(home, snapshot),
            name_prefix: name_prefix(home),
            evidence,
        })
    }

    /// A name for a new resource: the tree's own prefix, or the service's name.
    pub fn named(&self, ending: &str) -> Option<String> {
        self.name_prefix.as_ref().map(|prefix| format!("\"{prefix}{ending}\""))
    }
}

/// The service whose name is the workload's; or the only one, when its name cannot be told here.
fn service<'a>(
    project: &'a Workspace,
    (snapshot, workload): (&Snapshot, &Workload),
    answers: &Answers,
    evidence: &mut Vec<String>,
) -> Result<Place<'a>, EditError> {
    let (mut candidates, mut others) = (Vec::new(), Vec::new());
    for scope in project.scopes() {
        for (file, block) in scope.resources("aws_apprunner_service") {
            let place = Place { scope, file, block };
            let region = scope.region_of(file, block);
            if region.is_some_and(|region| region != snapshot.region.as_str()) {
                others.push(format!("{} is in another region ({})", place.in_root(), place.at()));
                continue;
            }
            match candidate(place, "service_name", Some(&workload.name)) {
                Ok(candidate) => candidates.push((candidate, place)),
                Err(name) => others.push(format!("{} is {name} ({})", place.in_root(), place.at())),
            }
        }
    }
    let found = decide(&workload.name, candidates, OPEN, answers.get(&workload.name))?;
    if let Some((candidate, place)) = found {
        evidence.extend(taken(&workload.name, &candidate));
        return Ok(place);
    }
    if !others.is_empty() {
        let what = format!("a service named {}: {}", workload.name, others.join(", "));
        return Err(EditError::NotFound { what });
    }
    let absent = project.scopes().into_iter().flat_map(|scope| &scope.absent).cloned();
    let absent: Vec<String> = absent.collect();
    let hint = if absent.is_empty() {
        "Give the folder that you run terraform in".to_owned()
    } else {
        format!("The code of {} is not at hand: run terraform init", absent.join(", "))
    };
    Err(EditError::NotFound {
        what: format!(
            "an aws_apprunner_service: none is declared in this folder and the modules it calls. {hint}"
        ),
    })
}

/// What a block's name says of being the one that is wanted; as an error the name, where that is another.
fn candidate(place: Place<'_>, attribute: &str, wanted: Option<&str>) -> Result<Candidate, String> {
    if place.scope.makes_none(place.file, place.block) == Some(true) {
        return Err("switched off".to_owned());
    }
    let of = |score, evidence: String| Candidate {
        address: place.in_root(),
        place: place.at(),
        score,
        evidence: vec![evidence],
    };
    let Some(written) = place.scope.merged(place.file, place.block, attribute) else {
        return Ok(of(OPEN, format!("it has no {attribute}")));
    };
    let pattern = place.scope.pattern(written);
    match place.scope.evaluate(written) {
        Some(name) if Some(name.as_str()) == wanted => Ok(of(CERTAIN, format!("its {attribute} says so"))),
        Some(name) if wanted.is_some() => Err(name),
        None if wanted.is_some_and(|wanted| !pattern.fits(wanted)) => Err(pattern.to_string()),
        None if wanted.is_some() && pattern.says_something() => {
            Ok(of(FITTING, format!("its {attribute} fits {pattern}")))
        }
        Some(_) => Ok(of(OPEN, "which one it is was not discovered".to_owned())),
        None => {
            let why = place.scope.why_unknown(written).map_or_else(String::new, |why| format!(" ({why})"));
            Ok(of(OPEN, format!("its {attribute} cannot be told{why}")))
        }
    }
}

/// What a reader should know of a block that was taken for the one that is meant without being certain to be it.
fn taken(name: &str, candidate: &Candidate) -> Option<String> {
    let Candidate { address, place, score, evidence } = candidate;
    let evidence = evidence.join(", ");
    (*score < CERTAIN).then(|| {
        format!("{name} is taken to be {address} ({place}), the only one here that it may be: {evidence}.")
    })
}

/// The connector that the service names, or the only one.
fn connector<'a>(
    project: &'a Workspace,
    (snapshot, workload): (&Snapshot, &Workload),
    service: Place<'a>,
    answers: &Answers,
    evidence: &mut Vec<String>,
) -> Result<Place<'a>, EditError> {
    let egress = egress_configuration(service.block);
    let named = egress
        .and_then(|block| block.body.attribute("vpc_connector_arn"))
        .map(|attribute| service.file.value(attribute));
    // One that the service does not name must at least not be known to be another.
    let wanted = match &workload.egress {
        Egress::Vpc(arn) => snapshot.network.connectors.get(arn).map(|connector| connector.name.as_str()),
        Egress::Default | Egress::Direct { .. } | Egress::Unknown(_) => None,
    };
    let of = |scope: &'a Workspace| {
        let all = scope.resources("aws_apprunner_vpc_connector");
        all.map(|(file, block)| Place { scope, file, block }).collect::<Vec<_>>()
    };
    let beside = of(service.scope);
    let by_name = beside.iter().find(|place| {
        named.is_some_and(|text| text.starts_with(&format!("{}.", address(place.block))))
            || named.is_some_and(|text| text.starts_with(&format!("{}[", address(place.block))))
    });
    if let Some(found) = by_name {
        return match candidate(*found, "vpc_connector_name", wanted) {
            Ok(_) => Ok(*found),
            Err(other) => Err(EditError::NotUnderstood {
                place: found.at(),
                what: format!("the service names {}, which is {other}", found.in_root()),
            }),
        };
    }
    // Beside the service first, then anywhere.
    let everywhere = || project.scopes().into_iter().flat_map(of).collect();
    let all: Vec<Place<'a>> = if beside.is_empty() { everywhere() } else { beside };
    let candidates = all
        .into_iter()
        .filter_map(|place| Some((candidate(place, "vpc_connector_name", wanted).ok()?, place)));
    let name = wanted.unwrap_or("the VPC connector");
    match decide(name, candidates.collect(), OPEN, answers.get(name))? {
        Some((candidate, place)) => {
            evidence.extend(taken(name, &candidate));
            Ok(place)
        }
        None => Err(EditError::NotFound { what: "an aws_apprunner_vpc_connector in this folder".to_owned() }),
    }
}

/// `network_configuration { egress_configuration { … } }`
pub(in crate::terraform) fn egress_configuration(service: &Block) -> Option<&Block> {
    let network = service.body.blocks("network_configuration").next()?;
    network.body.blocks("egress_configuration").next()
}

/// The VPC that the workload's connector is in.
pub(in crate::terraform) fn vpc_of<'s>(snapshot: &'s Snapshot, workload: &Workload) -> Option<&'s VpcId> {
    let subnets = subnets_of(snapshot, workload);
    subnets.iter().find_map(|id| snapshot.network.subnets.get(id)).map(|subnet| &subnet.vpc)
}

/// The connector's subnets, as discovered.
pub(in crate::terraform) fn subnets_of(snapshot: &Snapshot, workload: &Workload) -> Vec<SubnetId> {
    match egresses(snapshot, workload) {
        Egresses::Vpc(sources) => sources.into_iter().map(|source| source.subnet).collect(),
        Egresses::Public(_) | Egresses::Unknown(_) => Vec::new(),
    }
}

/// The expression that the tree itself uses for the workload's VPC. Where it speaks of several, the one that is known to be it:
/// the state says so, its value is the id, or the connector's own security group is in it.
fn vpc_id(
    workspace: &Workspace,
    (state, snapshot): (&State, &Snapshot),
    vpc: Option<&VpcId>,
    connector: Option<Place<'_>>,
) -> Result<String, EditError> {
    let literal = vpc.map(|vpc| quoted(vpc.as_str()));
    let made = vpc.map(|vpc| named(state, workspace, &["aws_vpc", "aws_default_vpc"], vpc.as_str()));
    if let Some(expression) = made.filter(|made| Some(made) != literal.as_ref()) {
        return Ok(expression);
    }
    let of = |kind: &'static str| workspace.resources(kind);
    let is_it = |text: &str| vpc.and_then(|vpc| is_vpc(workspace, state, snapshot, vpc, text));
    let mut used: Vec<(String, String)> = Vec::new();
    let mut take = |text: String, place: String| {
        // What is another VPC for certain, or differs from one instance of a block to the next.
        let is_out = is_it(&text) == Some(false) || differs_by_instance(&text);
        if !is_out && !used.iter().any(|(known, _)| *known == text) {
            used.push((text, place));
        }
    };
    for (file, block) in of("aws_security_group").chain(of("aws_vpc_endpoint")) {
        if let Some(attribute) = block.body.attribute("vpc_id") {
            take(file.value(attribute).to_owned(), at(file, block));
        }
    }
    let declared = workspace.data("aws_vpc").chain(workspace.resources("aws_vpc"));
    let declared: Vec<_> =
        declared.map(|(file, block)| (format!("{}.id", address(block)), at(file, block))).collect();
    if used.is_empty() {
        used.extend(declared.into_iter().filter(|(text, _)| is_it(text) != Some(false)));
    }
    let of_group = || {
        let connector = connector?;
        let groups = connector.file.value(connector.block.body.attribute("security_groups")?);
        let group = of("aws_security_group").find(|(_, group)| names(groups, &address(group)))?;
        let text = group.0.value(group.1.body.attribute("vpc_id")?).to_owned();
        used.iter().any(|(known, _)| *known == text).then_some(text)
    };
    let certain = used.iter().find(|(text, _)| is_it(text) == Some(true)).map(|(text, _)| text.clone());
    let certain = certain.or_else(of_group);
    match (certain, used.as_slice(), literal) {
        (Some(text), ..) => Ok(text),
        (None, [(only, _)], _) => Ok(only.clone()),
        // Where the code says nothing, or several things, the id is right all the same.
        (None, _, Some(literal)) => Ok(literal),
        (None, several, None) => {
            let several = several.iter().map(|(text, place)| format!("{text} ({place})"));
            let several = several.collect::<Vec<_>>().join(", ");
            Err(EditError::NotFound { what: format!("the connector's VPC: it may be any of {several}") })
        }
    }
}

/// Whether an expression is this VPC: by its value, the state, or what the block that it names says of itself; `None` where that
/// cannot be told.
pub(in crate::terraform) fn is_vpc(
    scope: &Workspace,
    state: &State,
    snapshot: &Snapshot,
    vpc: &VpcId,
    expression: &str,
) -> Option<bool> {
    if let Some(id) = scope.evaluate(expression) {
        return Some(id == vpc.as_str());
    }
    let named = expression.trim().strip_suffix(".id")?;
    if let Some(id) = state.id_at(&scope.address_of(named)) {
        return Some(id == vpc.as_str());
    }
    let mut blocks = scope.data("aws_vpc").chain(scope.resources("aws_vpc"));
    let (file, block) = blocks.find(|(_, block)| address(block) == named)?;
    let value = |name: &str| scope.evaluate(file.value(block.body.attribute(name)?));
    if let Some(id) = value("id") {
        return Some(id == vpc.as_str());
    }
    let known = snapshot.network.vpcs.get(vpc)?;
    // The filters of a data source, asked of what was discovered.
    let fails = |filter: &Block| {
        let name = scope.evaluate(file.value(filter.body.attribute("name")?))?;
        let values = scope.texts(file.value(filter.body.attribute("values")?))?;
        // A `*` stands for anything, a `?` for any letter: they are not replayed.
        if values.iter().any(|value| value.contains(['*', '?'])) {
            return None;
        }
        let has = |actual: &str| values.iter().any(|value| value == actual);
        match name.as_str() {
            "vpc-id" => Some(!has(vpc.as_str())),
            "cidr" | "cidr-block" => Some(!known.cidrs.first().is_some_and(|net| has(&net.to_string()))),
            tag => Some(!known.tags.get(tag.strip_prefix("tag:")?).is_some_and(|value| has(value))),
        }
    };
    if block.body.blocks("filter").any(|filter| fails(filter) == Some(true)) {
        return Some(false);
    }
    let other_range =
        value("cidr_block").is_some_and(|range| !known.cidrs.iter().any(|net| net.to_string() == range));
    let other_name = match name_tag(scope, file, block) {
        Tag::Known(name) if block.kind == "data" && name.contains(['*', '?']) => false,
        Tag::Known(name) => known.tags.get("Name") != Some(&name),
        Tag::Unknown(pattern, _) => !known.tags.get("Name").is_some_and(|name| pattern.fits(name)),
        Tag::Absent => false,
    };
    (other_range || other_name).then_some(false)
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
            if differs_by_instance(&prefix) {
                continue;
            }
            match counts.iter_mut().find(|(known, _)| *known == prefix) {
                Some((_, count)) => *count += 1,
                None => counts.push((prefix, 1)),
            }
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(prefix, _)| prefix)
}
