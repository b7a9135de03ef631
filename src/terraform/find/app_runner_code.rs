//! Finds the code of the App Runner service and its connector.

use crate::model::{Egress, Snapshot, Workload};
use crate::terraform::answer::{Candidate, OwnerChoices};
use crate::terraform::error::EditError;
use crate::terraform::find::decide::{CERTAIN, FITTING, NO_CONTRADICTION, decide};
use crate::terraform::lang::address::address;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The code of an App Runner service and its connector.
pub(in crate::terraform) struct AppRunnerCode<'a> {
    pub service: Place<'a>,
    pub connector: Place<'a>,
    /// The module that receives new resources of the service: the connector's module, or the root module if that
    /// module is used more than once or is a registry module.
    pub service_module: &'a Module,
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
        let service = service(config, (snapshot, workload), answers, &mut evidence)?;
        let connector = connector(config, (snapshot, workload), service, answers, &mut evidence)?;
        for place in [service, connector] {
            if let Some(other) = place.module.overridden(place.block) {
                return Err(EditError::NotUnderstood {
                    place: other,
                    what: format!(
                        "an override file changes {} ({}) here",
                        place.address_in_root(),
                        place.location()
                    ),
                });
            }
        }
        let is_ours = connector.module.is_editable() && !config.is_used_more_than_once(connector.module);
        let service_module = if is_ours { connector.module } else { &config.root_module };
        Ok(Self { service, connector, service_module, evidence })
    }
}

/// The service with the workload's name, or the only service if its name is unknown.
fn service<'a>(
    config: &'a Config,
    (snapshot, workload): (&Snapshot, &Workload),
    answers: &OwnerChoices,
    evidence: &mut Vec<String>,
) -> Result<Place<'a>, EditError> {
    let (mut candidates, mut others) = (Vec::new(), Vec::new());
    for module in config.modules() {
        for (file, block) in module.resources("aws_apprunner_service") {
            let place = Place { module, file, block };
            let region = module.region_of(file, block);
            if region.is_some_and(|region| region != snapshot.region.as_str()) {
                others.push(format!(
                    "{} is in another region ({})",
                    place.address_in_root(),
                    place.location()
                ));
                continue;
            }
            match candidate(place, "service_name", Some(&workload.name)) {
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
        return Ok(place);
    }
    if !others.is_empty() {
        let what = format!("a service named {}: {}", workload.name, others.join(", "));
        return Err(EditError::NotFound { what });
    }
    let absent = config.modules().into_iter().flat_map(|module| &module.missing).cloned();
    let absent: Vec<String> = absent.collect();
    let hint = if absent.is_empty() {
        "Give the folder in which you run terraform".to_owned()
    } else {
        format!("The code of {} is not available: run terraform init", absent.join(", "))
    };
    Err(EditError::NotFound {
        what: format!("an aws_apprunner_service in this folder and the modules that it calls. {hint}"),
    })
}

/// Makes a block a candidate for the service or connector with a name. The error is the other name of the
/// block, or `disabled`.
fn candidate(place: Place<'_>, attribute: &str, expected_name: Option<&str>) -> Result<Candidate, String> {
    if place.module.is_disabled(place.file, place.block) == Some(true) {
        return Err("disabled".to_owned());
    }
    let of = |score, evidence: String| Candidate {
        address: place.address_in_root(),
        place: place.location(),
        score,
        evidence: vec![evidence],
    };
    let Some(written) = place.module.expression(place.file, place.block, attribute) else {
        return Ok(of(NO_CONTRADICTION, format!("it has no {attribute}")));
    };
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
    service: Place<'a>,
    answers: &OwnerChoices,
    evidence: &mut Vec<String>,
) -> Result<Place<'a>, EditError> {
    let egress = egress_configuration(service.block);
    let named = egress
        .and_then(|block| block.body.attribute("vpc_connector_arn"))
        .and_then(|attribute| service.file.expression(attribute).reference());
    // The connector's name in AWS: a block with another name is not the connector.
    let expected_name = match &workload.egress {
        Egress::Vpc(arn) => snapshot.network.connectors.get(arn).map(|connector| connector.name.as_str()),
        Egress::Default | Egress::Direct { .. } | Egress::Unknown(_) => None,
    };
    let of = |module: &'a Module| {
        let all = module.resources("aws_apprunner_vpc_connector");
        all.map(|(file, block)| Place { module, file, block }).collect::<Vec<_>>()
    };
    let in_same_module = of(service.module);
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
    let candidates = all
        .into_iter()
        .filter_map(|place| Some((candidate(place, "vpc_connector_name", expected_name).ok()?, place)));
    let name = expected_name.unwrap_or("the VPC connector");
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
