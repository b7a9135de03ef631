//! Finds the other root module of the repository that creates the workload's VPC: the one whose state a
//! `data "terraform_remote_state"` reads, or the Terragrunt unit of a `dependency`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hcl_edit::expr::ObjectKey;

use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::find::network::Network;
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;
use crate::terraform::read::state_root::Backend;

/// The root module that creates the VPC.
pub(in crate::terraform) struct OtherRoot {
    /// Its folder, or the folder of its Terragrunt unit.
    pub dir: PathBuf,
    /// What leads to it: the subject of a sentence with "reads".
    pub reader: String,
}

impl OtherRoot {
    /// The root module that creates the VPC, or else the subnets; `None` if this configuration creates them, or the repository has no such
    /// root.
    pub fn of(config: &Config, network: &Network<'_>) -> Option<Self> {
        let subnets = network.subnets.iter().flatten();
        network.vpc.iter().chain(subnets).find_map(|origin| Self::of_origin(config, origin))
    }

    /// The root module that creates the connector of a service, if the state of that root has its ARN.
    pub fn of_connector(config: &Config, network: &Network<'_>, service: Place<'_>) -> Option<Self> {
        let module = config.modules().into_iter().find(|own| own.address == service.module.address)?;
        let arn = egress_configuration(service.block)?.body.attribute("vpc_connector_arn")?;
        let origins = network.origins.of(module, service.file.expression(arn))?;
        origins.iter().find_map(|origin| Self::of_origin(config, origin))
    }

    fn of_origin(config: &Config, origin: &Origin<'_>) -> Option<Self> {
        match origin {
            Origin::Block(block) => {
                origin.block_of(&["terraform_remote_state"])?;
                let dir = config.root_of_state(&backend(block.place)?)?;
                let reader = format!("{} ({})", address(block.place.block), block.place.location());
                Some(Self { dir, reader })
            }
            Origin::Variable { module, name } if module.address.is_none() => {
                let unit = config.unit.as_ref()?;
                let name = name.split(['.', '[']).next()?;
                let dir = unit.outputs.get(name)?.dir.clone();
                Some(Self { dir, reader: format!("{} (input {name})", unit.path.display()) })
            }
            Origin::Variable { .. } | Origin::Output { .. } | Origin::Text(_) => None,
        }
    }
}

/// The key or path of the state that a data source reads, or the text of its expression.
pub(in crate::terraform) fn text_of_state(place: Place<'_>) -> Option<String> {
    let Place { module, file, block } = place;
    let names = ["key", "prefix", "path", "address"];
    let known = backend(place).and_then(|state| {
        names.iter().find_map(|name| state.settings.get(*name)?.as_str().map(str::to_owned))
    });
    known.or_else(|| {
        let config = module.expression(file, block, "config")?.tree()?;
        let key = config.as_object()?.iter().find_map(|(key, value)| {
            key.as_ident().filter(|key| names.contains(&key.as_str()))?;
            Some(value.expr().to_string())
        })?;
        Some(key.trim().trim_matches('"').to_owned())
    })
}

/// The backend whose state a data source reads.
fn backend(place: Place<'_>) -> Option<Backend> {
    let Place { module, file, block } = place;
    let kind = module.evaluate(module.expression(file, block, "backend")?)?;
    let tree = module.expression(file, block, "config")?.tree()?.into_owned();
    let fields = tree.as_object()?.iter().filter_map(|(key, value)| {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(key) => module.evaluate(Expr::parsed("", key))?,
        };
        Some((name, module.value(Expr::parsed("", value.expr()))?))
    });
    let settings: BTreeMap<_, _> = fields.collect();
    Some(Backend { kind, settings })
}
