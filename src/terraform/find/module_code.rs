//! The expressions and the name prefix that the code of one module uses for the connector's network.

use crate::model::{Snapshot, Workload};
use crate::terraform::error::EditError;
use crate::terraform::find::called_tags::tags_of_called;
use crate::terraform::find::express::Express;
use crate::terraform::find::network::{Network, connector_arguments};
use crate::terraform::find::origin::Origin;
use crate::terraform::find::reference::list_of_subnets;
use crate::terraform::find::registry::output_of_vpc;
use crate::terraform::find::tag_style::{TagStyle, name_prefix, tag_style};
use crate::terraform::find::vpc::{subnets_of, vpc_id, vpc_of};
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::terraform::read::state::State;

/// Expressions for the connector's network in one module.
pub(in crate::terraform) struct ModuleCode<'a> {
    pub service: Place<'a>,
    pub connector: Place<'a>,
    /// Expression of the connector's subnets, `local.app_runner_subnet_ids`; a reference is in its shortest
    /// form.
    pub subnets: String,
    /// The address of the VPC's block, `data.aws_vpc.existing`; `None` if the module does not have it.
    pub vpc_block: Option<String>,
    /// Expression of the VPC's id; a reference is in its shortest form.
    pub vpc_id: String,
    /// Expression of the VPC's first IPv4 range; `None` if the module has no expression for it.
    pub vpc_range: Option<String>,
    /// Expression or text of the region for use inside a string, `${var.aws_region}`.
    pub region: String,
    /// The common prefix of the `Name` tags, `${var.project_name}-${var.environment}-`; `None` if the code
    /// has no such tags.
    pub name_prefix: Option<String>,
    /// The tags of most resources, without their `Name`.
    pub tag_style: TagStyle,
}

/// What the expressions are derived from.
#[derive(Clone, Copy)]
pub(in crate::terraform) struct Sources<'a, 's> {
    pub config: &'a Config,
    pub state: &'s State,
    pub service: Place<'a>,
    pub connector: Place<'a>,
    pub network: &'s Network<'a>,
    pub snapshot: &'s Snapshot,
    pub workload: &'s Workload,
}

impl<'a> ModuleCode<'a> {
    /// The expressions of a module.
    ///
    /// # Errors
    /// The module has several possible expressions for the VPC, and its id is unknown.
    pub fn of(sources: &Sources<'a, '_>, module: &'a Module) -> Result<Self, EditError> {
        let Sources { config, state, service, connector, network, snapshot, workload } = *sources;
        let is_connector_module = connector.module.address == module.address
            && module.is_editable()
            && !config.is_used_more_than_once(module);
        let express = Express { config, origins: &network.origins, module };
        let subnets = subnets(sources, module, is_connector_module, &express)?;
        let vpc = network.vpc.as_ref();
        let by_origin = || vpc.and_then(|vpc| express.value(vpc));
        let by_use = || {
            let known = vpc_of(snapshot, workload);
            vpc_id(module, (state, snapshot), known, is_connector_module.then_some(connector))
        };
        let vpc_id = if is_connector_module || !state.is_empty() {
            match (by_use(), by_origin()) {
                (Ok(used), Some(known)) if used.starts_with('"') => known_or(used, known),
                // One of several VPCs.
                (Ok(_), Some(known)) if known.contains("[\"") => known,
                (Err(_), Some(known)) => known,
                (used, _) => used?,
            }
        } else {
            by_origin().map_or_else(by_use, Ok)?
        };
        let vpc_block = Expr::from(&vpc_id).reference().and_then(|reference| {
            let block = reference.strip_suffix(".id").filter(|block| block.contains("aws_vpc."));
            block.map(str::to_owned)
        });
        let range = || {
            let origin = vpc?;
            let range = match origin {
                Origin::Block(vpc) => {
                    origin.block_of(&["aws_vpc", "aws_default_vpc"])?;
                    let mut range = vpc.clone();
                    "cidr_block".clone_into(&mut range.attribute);
                    Origin::Block(range)
                }
                other => output_of_vpc(other, "vpc_cidr_block")?,
            };
            express.value(&range)
        };
        let (own_prefix, own_style) = (name_prefix(module, vpc_block.as_deref()), tag_style(module));
        let of_called = vpc.filter(|_| own_prefix.is_none()).and_then(|vpc| tags_of_called(module, vpc));
        let (name_prefix, tag_style) = of_called.unwrap_or((own_prefix, own_style.unwrap_or_default()));
        Ok(Self {
            service,
            connector,
            subnets,
            vpc_range: vpc_block.as_ref().map(|vpc| format!("{vpc}.cidr_block")).or_else(range),
            vpc_block,
            vpc_id,
            region: region(module, snapshot),
            name_prefix,
            tag_style,
        })
    }

    /// A `Name` tag for a new resource, with the prefix of the other tags.
    pub fn name_tag(&self, ending: &str) -> Option<String> {
        self.name_prefix.as_ref().map(|prefix| format!("\"{prefix}{ending}\""))
    }
}

/// A reference instead of the literal id.
fn known_or(literal: String, known: String) -> String {
    if known.starts_with('"') { literal } else { known }
}

/// The expression of the connector's subnets.
fn subnets<'a>(
    sources: &Sources<'a, '_>,
    module: &'a Module,
    is_connector_module: bool,
    express: &Express<'a, '_>,
) -> Result<String, EditError> {
    let Sources { config, state, connector, network, snapshot, workload, .. } = *sources;
    if is_connector_module && let Some((name, _)) = connector_arguments(connector.block) {
        let attribute = connector.block.body.attribute(name);
        let written = attribute.map(|attribute| connector.file.expression(attribute)).ok_or_else(|| {
            EditError::NotUnderstood {
                place: connector.location(),
                what: "the connector has no `subnets` attribute".to_owned(),
            }
        })?;
        if !written.differs_by_instance() {
            return Ok(written.as_code());
        }
    }
    let given = || {
        let caller =
            config.caller(connector.module).filter(|caller| caller.module.address == module.address)?;
        let attribute = caller.block.body.attribute("vpc_connector_subnets")?;
        Some(caller.file.expression(attribute).as_code())
    };
    let followed = || network.subnets.as_ref().and_then(|subnets| express.list(subnets));
    let listed = || list_of_subnets(state, module, &subnets_of(snapshot, workload));
    Ok(given().or_else(followed).unwrap_or_else(listed))
}

/// A variable for the region if its value is the region or unknown, else the region itself.
fn region(module: &Module, snapshot: &Snapshot) -> String {
    for name in ["aws_region", "region"] {
        let value = module.evaluate(&format!("var.{name}"));
        if module.has_variable(name) && value.is_none_or(|value| value == snapshot.region.as_str()) {
            return format!("${{var.{name}}}");
        }
    }
    let by_provider = module.blocks("provider").find_map(|(file, block)| {
        let is_default = block.kind() == Some("aws") && block.body.attribute("alias").is_none();
        let region = file.expression(block.body.attribute("region").filter(|_| is_default)?);
        let reference = region.reference()?;
        (module.evaluate(region).as_deref() == Some(snapshot.region.as_str())).then_some(reference)
    });
    by_provider.map_or_else(|| snapshot.region.to_string(), |reference| format!("${{{reference}}}"))
}
