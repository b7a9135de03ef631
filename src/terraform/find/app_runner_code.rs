//! Finds the code of the App Runner service and its connector.

use crate::model::{Egress, Snapshot, Workload};
use crate::terraform::answer::{Candidate, OwnerChoices};
use crate::terraform::error::EditError;
use crate::terraform::find::decide::{CERTAIN, FITTING, NO_CONTRADICTION, decide};
use crate::terraform::find::instances::{for_instance, key_of_name, service_key};
use crate::terraform::find::network::connector_arguments;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::find::subnet_places::places_of_subnet;
use crate::terraform::find::vpc::{connector_name, subnets_of};
use crate::terraform::find::workspaces::{Workspace, workspaces_with};
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// The code of an App Runner service and its connector.
pub(in crate::terraform) struct AppRunnerCode<'a> {
    /// The service; if no code creates it, the connector.
    pub service: Place<'a>,
    /// Why there is no block of the service.
    pub absent: Option<EditError>,
    /// Why there is no block of the connector, although there is one of the service.
    pub without_connector: Option<EditError>,
    /// The connector; if no code creates it, the service, the block of a subnet or the call of the VPC module.
    pub connector: Place<'a>,
    /// The module that receives new resources of the service: the connector's module, or the root module if that
    /// module is used more than once or is a registry module.
    pub service_module: &'a Module,
    /// The place of an override file that changes the block of the service or the connector, and what it changes.
    pub overridden: Option<(String, String)>,
    /// Why these blocks were chosen, if the match is uncertain; whole sentences.
    pub evidence: Vec<String>,
}

impl<'a> AppRunnerCode<'a> {
    /// Finds the service and its connector.
    pub fn find(
        config: &'a Config,
        (snapshot, workload): (&Snapshot, &Workload),
        answers: &OwnerChoices,
    ) -> Result<Self, EditError> {
        let mut evidence = Vec::new();
        let (service, absent) = match service(config, (snapshot, workload), answers, &mut evidence)? {
            Found::Block(service) => (Some(service), None),
            Found::Absent(why) => (None, Some(why)),
        };
        let mut without_connector = None;
        let connector = match connector(config, (snapshot, workload), service, answers, &mut evidence) {
            Ok(connector) => connector,
            Err(error @ EditError::NotFound { .. }) if service.is_some() => {
                without_connector = Some(error.clone());
                service.ok_or(error)?
            }
            // Without a service and a connector in the code, the subnets lead to the network.
            Err(error @ EditError::NotFound { .. }) => {
                let network = absent.is_some().then(|| subnet_block(config, snapshot, workload)).flatten();
                network.ok_or_else(|| absent.clone().unwrap_or(error))?
            }
            Err(error) => return Err(error),
        };
        if absent.is_some() {
            let block = if connector.block.block_type == "module" { "module." } else { "" };
            let missing = match workload.egress {
                Egress::Direct { .. } => String::new(),
                _ => format!("No code in this folder creates {}. ", workload.name),
            };
            evidence.push(format!(
                "{missing}This edit changes the network that {block}{} ({}) leads to.",
                address(connector.block),
                connector.location()
            ));
        }
        let mut overridden = None;
        for place in service.into_iter().chain([connector]) {
            if let Some(other) = place.module.overridden(place.block) {
                overridden = overridden.or(Some((
                    other,
                    format!(
                        "an override file changes {} ({}) here",
                        place.address_in_root(),
                        place.location()
                    ),
                )));
            }
        }
        let is_ours = connector.module.is_editable() && !config.is_used_more_than_once(connector.module);
        let service_module = if is_ours { connector.module } else { &config.root_module };
        Ok(Self {
            service: service.unwrap_or(connector),
            absent,
            without_connector,
            connector,
            service_module,
            overridden,
            evidence,
        })
    }
}

/// The block of one of the workload's subnets.
fn subnet_block<'a>(config: &'a Config, snapshot: &Snapshot, workload: &Workload) -> Option<Place<'a>> {
    let subnets = subnets_of(snapshot, workload);
    let known = subnets.iter().filter_map(|id| snapshot.network.subnets.get(id));
    known.into_iter().find_map(|subnet| match places_of_subnet(config, snapshot, subnet).as_slice() {
        [Origin::Block(block)] => Some(block.place),
        [Origin::Output { call, .. }] => Some(*call),
        _ => None,
    })
}

/// The block of the service, or why no code creates it.
enum Found<'a> {
    Block(Place<'a>),
    Absent(EditError),
}

/// The service with the workload's name, or the only service if its name is unknown.
///
/// # Errors
/// Several blocks are possible, a block with this name is in another region or workspace, or code is missing that may have it.
fn service<'a>(
    config: &'a Config,
    (snapshot, workload): (&Snapshot, &Workload),
    answers: &OwnerChoices,
    evidence: &mut Vec<String>,
) -> Result<Found<'a>, EditError> {
    if matches!(workload.egress, Egress::Direct { .. }) {
        let what = "an aws_apprunner_service, because subnets and security groups were given".to_owned();
        return Ok(Found::Absent(EditError::NotFound { what }));
    }
    let mut has_other_scope = false;
    let (mut candidates, mut others, mut disabled) = (Vec::new(), Vec::new(), Vec::new());
    for module in config.modules() {
        for place in services_of(module) {
            let Place { file, block, .. } = place;
            let region = module.region_of(file, block);
            if region.is_some_and(|region| region != snapshot.region.as_str()) {
                has_other_scope = true;
                others.push(format!(
                    "{} is in another region ({})",
                    place.address_in_root(),
                    place.location()
                ));
                continue;
            }
            let found = candidate(place, "service_name", Some(&workload.name));
            match found {
                Ok(candidate) if module.is_disabled(file, block) == Some(true) => {
                    disabled.push((candidate, place));
                }
                Ok(candidate) => candidates.push((candidate, place)),
                Err(name) => {
                    others.push(format!("{} is {name} ({})", place.address_in_root(), place.location()));
                }
            }
        }
    }
    let found = decide(&workload.name, candidates, NO_CONTRADICTION, answers.get(&workload.name))?;
    if let Some((candidate, place)) = found {
        evidence.extend(uncertain_match_note(&workload.name, &candidate));
        if candidate.score < CERTAIN
            && let Some(what) =
                in_unknown_workspace(config, &workload.name, connector_name(snapshot, workload))
        {
            evidence.push(format!(
                "The workspace is not selected here. {what}, and egress-doctor uses its values."
            ));
        }
        return Ok(Found::Block(place));
    }
    if let Some((candidate, place)) =
        decide(&workload.name, disabled, NO_CONTRADICTION, answers.get(&workload.name))?
    {
        evidence.extend(uncertain_match_note(&workload.name, &candidate));
        evidence.push(not_in_force_note(&workload.name, place));
        return Ok(Found::Block(place));
    }
    if let Some(what) = in_other_workspace(config, &workload.name, connector_name(snapshot, workload)) {
        return Err(EditError::NotFound { what: format!("a service named {}: {what}", workload.name) });
    }
    if !others.is_empty() {
        let what = format!("a service named {}: {}", workload.name, others.join(", "));
        let error = EditError::NotFound { what };
        return if has_other_scope { Err(error) } else { Ok(Found::Absent(error)) };
    }
    let what = |hint: String| EditError::NotFound {
        what: format!("an aws_apprunner_service in this folder and the modules that it calls. {hint}"),
    };
    let missing: Vec<String> = missing_modules(config);
    if missing.is_empty() {
        return Ok(Found::Absent(what("Give the folder in which you run terraform".to_owned())));
    }
    Err(what(format!("The code of {} is not available: run terraform init", missing.join(", "))))
}

/// The services of a module: its resources, and its calls of the App Runner module of the registry whose code is not available.
fn services_of(module: &Module) -> Vec<Place<'_>> {
    let resources =
        module.resources("aws_apprunner_service").map(|(file, block)| Place { module, file, block });
    let calls = module.blocks("module").map(|(file, block)| Place { module, file, block }).filter(|call| {
        let is_read = module.calls.iter().any(|known| Some(known.name.as_str()) == call.block.kind());
        !is_read && registry_module(call) == Some(RegistryModule::AppRunner)
    });
    resources.chain(calls).collect()
}

/// The modules whose code is not available and that may have a service.
fn missing_modules(config: &Config) -> Vec<String> {
    let mut missing = Vec::new();
    for module in config.modules() {
        let network: Vec<String> = module
            .blocks("module")
            .map(|(file, block)| Place { module, file, block })
            .filter(|call| registry_module(call).is_some())
            .map(|call| {
                let name = call.block.kind().unwrap_or_default();
                ResourceAddress::module_of(module.address.as_deref(), name)
            })
            .collect();
        // A call with several instances has a key: `module.vpc["shop"] (…)`.
        let is_of = |text: &str, address: &String| {
            text.strip_prefix(address.as_str()).is_some_and(|rest| rest.starts_with([' ', '[']))
        };
        let may_have_service = |text: &&String| !network.iter().any(|address| is_of(text, address));
        missing.extend(module.missing.iter().filter(may_have_service).cloned());
    }
    missing
}

/// The sentence about a service that the values in the code disable although AWS runs it.
fn not_in_force_note(name: &str, place: Place<'_>) -> String {
    let written = ["count", "for_each"].iter().find_map(|argument| {
        let text = place.module.expression(place.file, place.block, argument)?.text.trim().to_owned();
        Some(format!("{argument} = {text}"))
    });
    let written = written.unwrap_or_default();
    let variables: Vec<String> =
        references(&format!("{written}\n")).into_iter().filter(|used| used.starts_with("var.")).collect();
    let given = if variables.is_empty() { "its values".to_owned() } else { listed(&variables, "and") };
    format!(
        "AWS runs {name}, but the values that Terraform loads here disable {} (`{written}`). Give {given} as your pipeline does, with \
         -var or TF_VAR_, or an apply removes the service.",
        place.address_in_root()
    )
}

/// As [`in_other_workspace`], if the selected workspace is unknown.
pub(in crate::terraform) fn in_unknown_workspace(
    config: &Config,
    name: &str,
    connector: Option<&str>,
) -> Option<String> {
    config.workspace.is_none().then(|| in_other_workspace(config, name, connector)).flatten()
}

/// The service with its name in the only workspace that has it, and the next step, if the selected workspace is unknown.
pub(in crate::terraform) fn in_only_workspace(
    config: &Config,
    name: &str,
    connector: Option<&str>,
) -> Option<String> {
    let found = config.workspace.is_none().then(|| workspaces_with(config, name, connector))?;
    (found.len() == 1).then(|| sentence_of_workspaces(&found)).flatten()
}

/// The service with its name in another workspace, and the next step; `None` if no workspace is known that has it.
fn in_other_workspace(config: &Config, name: &str, connector: Option<&str>) -> Option<String> {
    sentence_of_workspaces(&workspaces_with(config, name, connector))
}

fn sentence_of_workspaces(found: &[Workspace]) -> Option<String> {
    let first = found.first()?;
    let names: Vec<&str> = found.iter().map(|workspace| workspace.name.as_str()).collect();
    let settings: Vec<String> = names.iter().map(|name| format!("TF_WORKSPACE={name}")).collect();
    Some(format!(
        "{} ({}) has this name in the workspace {}: run egress-doctor with {}",
        first.address,
        first.location,
        names.join(" and in the workspace "),
        listed(&settings, "or")
    ))
}

/// Makes a block a candidate for the service or connector with a name. The error is the other name of the
/// block.
fn candidate(place: Place<'_>, attribute: &str, expected_name: Option<&str>) -> Result<Candidate, String> {
    let of = |score, evidence: String| Candidate {
        address: place.address_in_root(),
        place: place.location(),
        score,
        evidence: vec![evidence],
    };
    let Some(written) = place.module.expression(place.file, place.block, attribute) else {
        return Ok(of(NO_CONTRADICTION, format!("it has no {attribute}")));
    };
    if attribute == "service_name"
        && written.differs_by_instance()
        && let Some(name) = expected_name
        && let Some(key) = service_key(place, name)
    {
        return Ok(of(CERTAIN, format!("its {attribute} matches for the key {}", quoted(&key))));
    }
    if written.differs_by_instance()
        && let Some(name) = expected_name
        && let Some(key) = key_of_name(place, attribute, name)
        && place.module.evaluate(Expr::from(&for_instance(place, &key, written.text))).as_deref()
            == Some(name)
    {
        let key = key.trim_matches(['[', ']']);
        return Ok(of(CERTAIN, format!("its {attribute} matches for the key {key}")));
    }
    let pattern = place.module.pattern(written);
    match place.module.evaluate(written) {
        Some(name) if Some(name.as_str()) == expected_name => {
            Ok(of(CERTAIN, format!("its {attribute} matches")))
        }
        Some(name) if expected_name.is_some() => Err(name),
        None if expected_name.is_some_and(|expected_name| !pattern.fits(expected_name)) => {
            Err(pattern.to_string())
        }
        None if expected_name.is_some() && pattern.has_known_text() => {
            Ok(of(FITTING, format!("its {attribute} fits {pattern}")))
        }
        Some(_) => Ok(of(NO_CONTRADICTION, "its name in AWS is unknown".to_owned())),
        None => {
            let why = place.module.why_unknown(written).map_or_else(String::new, |why| format!(" ({why})"));
            Ok(of(NO_CONTRADICTION, format!("its {attribute} is unknown{why}")))
        }
    }
}

/// A note about an uncertain match.
fn uncertain_match_note(name: &str, candidate: &Candidate) -> Option<String> {
    let Candidate { address, place, score, evidence } = candidate;
    let evidence = evidence.join(", ");
    (*score < CERTAIN).then(|| {
        format!(
            "{name} is assumed to be {address} ({place}), the only possible block in this folder: {evidence}."
        )
    })
}

/// The connector that the service refers to, or else the connector with the name in AWS or the only
/// connector.
fn connector<'a>(
    config: &'a Config,
    (snapshot, workload): (&Snapshot, &Workload),
    service: Option<Place<'a>>,
    answers: &OwnerChoices,
    evidence: &mut Vec<String>,
) -> Result<Place<'a>, EditError> {
    // The App Runner module of the registry creates the connector too.
    if let Some(call) = service.filter(|service| {
        connector_arguments(service.block).is_some_and(|(subnets, _)| {
            service.block.block_type == "module" && service.block.body.attribute(subnets).is_some()
        })
    }) {
        return Ok(call);
    }
    let named = service.and_then(|service| {
        let arn = egress_configuration(service.block)?.body.attribute("vpc_connector_arn")?;
        service.file.expression(arn).reference()
    });
    // The connector's name in AWS: a block with another name is not the connector.
    let expected_name = connector_name(snapshot, workload);
    let of = |module: &'a Module| {
        let all = module.resources("aws_apprunner_vpc_connector");
        all.map(|(file, block)| Place { module, file, block }).collect::<Vec<_>>()
    };
    let in_same_module = service.map_or_else(Vec::new, |service| of(service.module));
    let by_name = in_same_module.iter().find(|place| {
        let rest = named.as_deref().and_then(|named| named.strip_prefix(&address(place.block)));
        rest.is_some_and(|rest| rest.starts_with(['.', '[']))
    });
    if let Some(found) = by_name {
        return match candidate(*found, "vpc_connector_name", expected_name) {
            Ok(_) => Ok(*found),
            Err(other) => Err(EditError::NotUnderstood {
                place: found.location(),
                what: format!("the service refers to {}, which is {other}", found.address_in_root()),
            }),
        };
    }
    // Search the service's module first, then all modules.
    let everywhere = || config.modules().into_iter().flat_map(of).collect();
    let all: Vec<Place<'a>> = if in_same_module.is_empty() { everywhere() } else { in_same_module };
    let is_here = |place: &Place<'_>| {
        place
            .module
            .region_of(place.file, place.block)
            .is_none_or(|region| region == snapshot.region.as_str())
    };
    let candidates = all
        .into_iter()
        .filter(is_here)
        .filter_map(|place| Some((candidate(place, "vpc_connector_name", expected_name).ok()?, place)));
    let name = expected_name.unwrap_or("the VPC connector");
    // Without the service, only the name identifies the connector.
    if service.is_none() && expected_name.is_none() {
        return Err(EditError::NotFound { what: "an aws_apprunner_vpc_connector in this folder".to_owned() });
    }
    match decide(name, candidates.collect(), NO_CONTRADICTION, answers.get(name))? {
        Some((candidate, place)) => {
            evidence.extend(uncertain_match_note(name, &candidate));
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
