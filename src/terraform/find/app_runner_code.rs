//! Finds the code of the App Runner service and its connector, and the expressions and name prefix that the
//! code uses.

use hcl_edit::Decorate as _;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Element, StringTemplate};

use crate::model::{Egress, Snapshot, Workload};
use crate::terraform::answer::{Candidate, OwnerChoices};
use crate::terraform::error::EditError;
use crate::terraform::find::decide::{CERTAIN, FITTING, NO_CONTRADICTION, decide};
use crate::terraform::find::reference::list_of_subnets;
use crate::terraform::find::vpc::{subnets_of, vpc_id, vpc_of};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, parse, reference};
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::uses::values_of_key;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::terraform::read::state::State;

/// The code of an App Runner service, its connector and its network.
pub(in crate::terraform) struct AppRunnerCode<'a> {
    pub service: Place<'a>,
    pub connector: Place<'a>,
    /// The module that receives new resources: the connector's module, or the root module if that module is
    /// used more than once or is a registry module.
    pub target_module: &'a Module,
    /// Expression of the connector's subnets, `local.app_runner_subnet_ids`; a reference is in its shortest
    /// form.
    pub subnets: String,
    /// The address of the VPC's block, `data.aws_vpc.existing`; `None` if only the id is known.
    pub vpc_block: Option<String>,
    /// Expression of the VPC's id; a reference is in its shortest form.
    pub vpc_id: String,
    /// Expression or text of the region for use inside a string, `${var.aws_region}`.
    pub region: String,
    /// The common prefix of the `Name` tags, `${var.project_name}-${var.environment}-`; `None` if the code
    /// has no such tags.
    pub name_prefix: Option<String>,
    /// Why these blocks were chosen, if the match is uncertain; whole sentences.
    pub evidence: Vec<String>,
}

impl<'a> AppRunnerCode<'a> {
    pub fn find(
        config: &'a Config,
        state: &State,
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
        let target_module = if is_ours { connector.module } else { &config.root_module };
        let written = || {
            let attribute = connector.block.body.attribute("subnets");
            attribute.map(|attribute| connector.file.expression(attribute)).ok_or_else(|| {
                EditError::NotUnderstood {
                    place: connector.location(),
                    what: "the connector has no `subnets` attribute".to_owned(),
                }
            })
        };
        let given = || {
            let caller = config
                .caller(connector.module)
                .filter(|caller| caller.module.address == target_module.address)?;
            let attribute = caller.block.body.attribute("vpc_connector_subnets")?;
            Some(caller.file.expression(attribute).as_code())
        };
        let subnets = if is_ours && !written()?.differs_by_instance() {
            written()?.as_code()
        } else {
            given().unwrap_or_else(|| list_of_subnets(state, target_module, &subnets_of(snapshot, workload)))
        };
        let vpc_id = vpc_id(
            target_module,
            (state, snapshot),
            vpc_of(snapshot, workload),
            is_ours.then_some(connector),
        )?;
        let vpc_block = Expr::from(&vpc_id).reference().and_then(|reference| {
            let block = reference.strip_suffix(".id").filter(|block| block.contains("aws_vpc."));
            block.map(str::to_owned)
        });
        Ok(Self {
            service,
            connector,
            target_module,
            subnets,
            vpc_block,
            vpc_id,
            region: region(target_module, snapshot),
            name_prefix: name_prefix(target_module),
            evidence,
        })
    }

    /// A `Name` tag for a new resource, with the prefix of the other tags.
    pub fn name_tag(&self, ending: &str) -> Option<String> {
        self.name_prefix.as_ref().map(|prefix| format!("\"{prefix}{ending}\""))
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

/// A variable for the region if its value is the region or unknown, else the region itself.
fn region(module: &Module, snapshot: &Snapshot) -> String {
    for name in ["aws_region", "region"] {
        let value = module.evaluate(&format!("var.{name}"));
        if module.has_variable(name) && value.is_none_or(|value| value == snapshot.region.as_str()) {
            return format!("${{var.{name}}}");
        }
    }
    snapshot.region.to_string()
}

/// The most frequent prefix of the `Name` tags, up to and including the dash after the last interpolation.
fn name_prefix(module: &Module) -> Option<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (file, block) in module.blocks("resource") {
        let tags = block.body.attribute("tags").and_then(|tags| file.expression(tags).tree());
        for name in tags.iter().flat_map(|tags| values_of_key(tags, "Name")) {
            let Some(prefix) = prefix_of(&name) else { continue };
            match counts.iter_mut().find(|(known, _)| *known == prefix) {
                Some((_, count)) => *count += 1,
                None => counts.push((prefix, 1)),
            }
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(prefix, _)| prefix)
}

/// The text of a string up to and including the dash after its last interpolation, as the content of a
/// string: `${var.project}-` of `"${var.project}-vpc"`. `None` without such a dash, and if it differs by
/// instance.
fn prefix_of(name: &Expression) -> Option<String> {
    let Expression::StringTemplate(template) = name else { return None };
    let elements: Vec<&Element> = template.iter().collect();
    let is_end = |pair: &[&Element]| match pair {
        [Element::Interpolation(_), Element::Literal(text)] => text.starts_with('-'),
        _ => false,
    };
    let end = elements.windows(2).rposition(is_end)?;
    let in_shortest_form = |element: &&Element| match element {
        Element::Interpolation(inner) => {
            let mut inner = inner.clone();
            if let Some(code) = reference(&inner.expr).and_then(|code| parse(&code)) {
                inner.expr = code;
            }
            inner.expr.decor_mut().set_prefix("");
            inner.expr.decor_mut().set_suffix("");
            Element::from(inner)
        }
        other => (*other).clone(),
    };
    let mut prefix: Vec<Element> = elements.iter().take(end + 1).map(in_shortest_form).collect();
    prefix.push(Element::from("-"));
    let text = Expression::from(StringTemplate::from(prefix)).to_string();
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    (!Expr::from(&*format!("\"{text}\"")).differs_by_instance()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prefixes of the `Name` tags of a `tags` attribute.
    fn prefixes(tags: &str) -> Vec<Option<String>> {
        let values = parse(tags).map(|tags| values_of_key(&tags, "Name"));
        values.iter().flatten().map(prefix_of).collect()
    }

    #[test]
    fn comments_parentheses_and_line_breaks_do_not_change_the_prefix_of_a_name() {
        for tags in [
            r#"{ Name = "${var.project}-${var.env}-vpc" }"#,
            r#"{ "Name" : "${var.project}-${var.env}-vpc" }"#,
            "{\n  # \"Name\" of the VPC\n  Name = ( # long\n    \"${ var.project /* p */ }-${(var.env)}-vpc\"\n  )\n}",
            r#"merge(local.tags, { Env = var.env, Name = "${var.project}-${var.env}-vpc-2" })"#,
        ] {
            assert_eq!(prefixes(tags), [Some("${var.project}-${var.env}-".to_owned())], "{tags}");
        }
        for tags in [
            r#"{ Name = "bond-vpc" }"#,
            r#"{ Name = "${var.project}" }"#,
            r#"{ Name = "${each.key}-vpc" }"#,
            "{ Name = var.name }",
        ] {
            assert_eq!(prefixes(tags), [None], "{tags}");
        }
        assert_eq!(prefixes("{ # Name = \"${var.project}-vpc\"\n}"), []);
        assert_eq!(prefixes(r#"{ NameOf = "${var.project}-vpc" }"#), []);
        assert_eq!(
            prefixes(r#"{ Name = "a\"$${b}-${var.c}-d" }"#),
            [Some(r#"a\"$${b}-${var.c}-"#.to_owned())]
        );
    }
}
