//! Finds the block that manages an AWS id: by the state, or else by the score of its attributes.
//!
//! A search has three results: one block; none in this folder; or several possible blocks, which is an
//! error that asks the user. An ambiguous result is an error because an edit of the wrong resource is
//! harmful: if a block lists its rules inline, the next apply removes a separate new rule.

use std::path::PathBuf;

use crate::model::{Snapshot, SubnetId, Workload};
use crate::terraform::answer::{Candidate, OwnerChoice, OwnerChoices};
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::AppRunnerCode;
use crate::terraform::find::decide::{CERTAIN, TAGGED, decide};
use crate::terraform::find::found::{Found, Instance, found, has_instance};
use crate::terraform::find::instances::key_of_name;
use crate::terraform::find::module_code::{ModuleCode, Sources};
use crate::terraform::find::network::Network;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::reference::{expression_for, list_of_subnets};
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::score::{Clues, Score, because, match_attribute, score_block};
use crate::terraform::find::subnet_places::places_of_subnet;
use crate::terraform::find::vpc::{connector_name, subnets_of};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, location};
use crate::terraform::read::state::State;

/// Searches a configuration for the code of a workload's resources.
pub(in crate::terraform) struct Finder<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The module that receives new resources.
    pub target: &'a Module,
    pub snapshot: &'a Snapshot,
    pub workload: &'a Workload,
    /// The code of the App Runner service and its connector, with the expressions of the target module.
    pub code: ModuleCode<'a>,
    /// The key of the connector's instance, `["dev"]`; `None` for a block that creates one connector, or if it is unknown.
    pub connector_key: Option<String>,
    /// Why there is no block of the service; the network is edited all the same.
    pub absent: Option<EditError>,
    /// Why there is no block of the connector, although there is one of the service.
    pub without_connector: Option<EditError>,
    /// The place of an override file that changes the block of the service or the connector, and what it changes.
    pub overridden: Option<(String, String)>,
    /// The module that receives new resources of the service.
    pub service_module: &'a Module,
    /// Why the blocks of the service and the connector were chosen, if the match is uncertain; whole sentences.
    pub evidence: Vec<String>,
    /// The connector's network in the code.
    pub network: Network<'a>,
    /// The resources of the Terraform state; empty if no state is available.
    pub state: State,
    /// The user's answers about ambiguous ids.
    pub answers: &'a OwnerChoices,
}

impl<'a> Finder<'a> {
    /// A finder for a workload.
    ///
    /// # Errors
    /// The state cannot be read, or the service or its connector is not found.
    pub fn new(
        config: &'a Config,
        (snapshot, workload): (&'a Snapshot, &'a Workload),
        answers: &'a OwnerChoices,
    ) -> Result<Self, EditError> {
        let state = State::read(config)?;
        let AppRunnerCode {
            service,
            absent,
            without_connector,
            connector,
            service_module,
            overridden,
            evidence,
        } = AppRunnerCode::find(config, (snapshot, workload), answers)?;
        let name = connector_name(snapshot, workload).filter(|_| connector.is_one_of_several());
        let key = name.and_then(|name| key_of_name(connector, "vpc_connector_name", name));
        let network = Network::of(config, connector, key.as_deref(), || {
            let ids = subnets_of(snapshot, workload);
            let known = ids.iter().map(|id| snapshot.network.subnets.get(id));
            let places = known.map(|subnet| match places_of_subnet(config, snapshot, subnet?).as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            });
            places.collect()
        });
        let sources =
            Sources { config, state: &state, service, connector, network: &network, snapshot, workload };
        let code = ModuleCode::of(&sources, service_module)?;
        let target = service_module;
        Ok(Self {
            config,
            target,
            snapshot,
            workload,
            code,
            connector_key: key,
            absent,
            without_connector,
            overridden,
            service_module,
            evidence,
            network,
            state,
            answers,
        })
    }

    /// Sets the module that receives new resources.
    ///
    /// # Errors
    /// The module has several possible expressions for the VPC, and its id is unknown.
    pub fn enter(&mut self, module: &'a Module) -> Result<(), EditError> {
        let sources = Sources {
            config: self.config,
            state: &self.state,
            service: self.code.service,
            connector: self.code.connector,
            network: &self.network,
            snapshot: self.snapshot,
            workload: self.workload,
        };
        self.code = ModuleCode::of(&sources, module)?;
        self.target = module;
        Ok(())
    }

    /// The module for resources of the whole VPC.
    pub fn network_module(&self) -> &'a Module {
        self.network.target(self.config).unwrap_or(self.service_module)
    }

    /// The block of one of these types that manages the id; `None` if no block in this folder does.
    ///
    /// # Errors
    /// [`EditError::Ambiguous`] if several blocks may manage it, or one block with too little evidence;
    /// [`EditError::InJson`] if JSON code, which is not read, may manage it; [`EditError::NotFound`] or
    /// [`EditError::Answer`] if the user's answer matches no block; [`EditError::NotUnderstood`] if
    /// the state lists a block that is not in the code, or if an override file changes the block.
    pub fn find(&self, kinds: &[&str], clues: &Clues<'_>) -> Result<Option<Found<'a>>, EditError> {
        if let Some(managed) = self.state.of(clues.id, kinds) {
            return self.managed(managed, clues.id).map(Some);
        }
        let mut candidates = self.candidates(kinds, clues);
        let answer = self.answers.get(clues.id);
        let is_importable = kinds.iter().any(|kind| ["aws_vpc", "aws_vpc_endpoint"].contains(kind));
        if answer == Some(&OwnerChoice::Import) && !is_importable {
            let what =
                format!("{} needs no import: answer {}=none if other code manages it", clues.id, clues.id);
            return Err(EditError::Answer { place: self.code.service.location(), what });
        }
        if !self.state.is_empty() && answer.is_none() {
            // Other code manages an id that the state does not list. Unapplied code that matches is
            // ambiguous: ask the user.
            candidates.retain(|(candidate, _)| candidate.score >= TAGGED);
            return if candidates.is_empty() {
                Ok(None)
            } else {
                let candidates = candidates.into_iter().map(|(candidate, _)| candidate).collect();
                Err(EditError::Ambiguous { id: clues.id.to_owned(), candidates })
            };
        }
        if candidates.is_empty()
            && answer.is_none()
            && let Some(path) = self.json_code()
        {
            return Err(EditError::InJson { path: path.display().to_string(), id: clues.id.to_owned() });
        }
        let Some((candidate, place)) = decide(clues.id, candidates, TAGGED, answer)? else { return Ok(None) };
        let found = found(clues.id, place, &candidate.evidence.join(", "))?;
        // The instance key in the user's answer, if the block can have several instances.
        let answered_key = match answer {
            Some(OwnerChoice::Block(address)) if candidate.address.key.is_none() => address.key.clone(),
            _ => None,
        };
        if let Some(key) = answered_key.as_deref()
            && !has_instance(place, key)
        {
            let what = format!("{} has no instance with the key {key}", candidate.address);
            return Err(EditError::Answer { place: place.location(), what });
        }
        let instance = if let Some(key) = candidate.address.key {
            Instance::Key(key)
        } else if place.is_one_of_several() {
            answered_key.map_or(Instance::UnknownKey, Instance::Key)
        } else {
            Instance::Only
        };
        Ok(Some(Found { instance, not_editable: self.why_not_editable(place.module), ..found }))
    }

    /// The blocks of these types that may manage the id, each with its evidence.
    fn candidates(&self, kinds: &[&str], clues: &Clues<'_>) -> Vec<(Candidate, Place<'a>)> {
        let (imported, others) = self.imported(clues.id);
        let mut candidates = Vec::new();
        for module in searched_modules(self.config) {
            for (file, block) in kinds.iter().flat_map(|kind| module.resources(kind)) {
                if self.is_in_another_region(module, file, block) {
                    continue;
                }
                let place = Place { module, file, block };
                let score = score_block(&place, clues).and_then(|score| self.score_vpc(&place, score));
                let Some(score) = score else { continue };
                let mut candidate = score.candidate(&place);
                if others.contains(&candidate.address) {
                    continue;
                }
                if imported.as_ref() == Some(&candidate.address) {
                    (candidate.score, candidate.evidence) =
                        (CERTAIN, vec!["an import block names it".to_owned()]);
                }
                candidates.push((candidate, place));
            }
        }
        candidates
    }

    /// Whether a block's attributes do not contradict the clues.
    pub fn may_be(&self, place: Place<'_>, clues: &Clues<'_>) -> bool {
        let Place { module, file, block } = place;
        let vpc =
            block.body.attribute("vpc_id").map(|vpc| self.is_workload_vpc(module, file.expression(vpc)));
        !self.is_in_another_region(module, file, block)
            && vpc != Some(Some(false))
            && clues.attributes.iter().all(|(name, value)| {
                place.is_ignored(name)
                    || module
                        .expression(file, block, name)
                        .is_none_or(|written| match_attribute(module, name, written, value, true).is_some())
            })
    }

    /// Whether a block's resource is known to be in another region than the workload.
    pub fn is_in_another_region(&self, module: &Module, file: &File, block: &Block) -> bool {
        // An unknown region may be the workload's.
        module.region_of(file, block).is_some_and(|region| region != self.snapshot.region.as_str())
    }

    /// Whether a block of a module has the provider of the network.
    pub fn has_network_provider(&self, module: &Module, file: &File, block: &Block) -> bool {
        provider_of(file, block) == self.network_provider_in(module)
    }

    /// The provider of the VPC's block as a module names it, `aws.oregon`, or else that of the connector; `None` for the provider
    /// without an alias, and in a module that leads to neither.
    pub fn network_provider_in(&self, module: &Module) -> Option<String> {
        let vpc = match &self.network.vpc {
            Some(Origin::Block(block)) => {
                self.named_in(module, (block.place.module, provider_of_place(block.place)))
            }
            // The call of a module whose code is not available.
            Some(Origin::Output { call, .. }) => call
                .provider_of_call(DEFAULT_PROVIDER)
                .and_then(|own| self.named_in(module, (call.module, own))),
            _ => None,
        };
        match vpc {
            Some(own) => (own != DEFAULT_PROVIDER).then_some(own),
            None => self.connector_provider_in(module),
        }
    }

    /// The provider of the connector as a module names it; `None` for the provider without an alias.
    pub fn connector_provider_in(&self, module: &Module) -> Option<String> {
        let connector = self.code.connector;
        let own = self.named_in(module, (connector.module, provider_of_place(connector)));
        own.filter(|own| own != DEFAULT_PROVIDER)
    }

    /// A provider of one module as the module or one of its callers names it, `aws` without an alias; `None` in a module that is neither.
    fn named_in(&self, module: &Module, (of, own): (&Module, String)) -> Option<String> {
        let (mut at, mut own) = (of, own);
        while at.address != module.address {
            let caller = self.config.caller(at)?;
            (own, at) = (caller.provider_of_call(&own)?, caller.module);
        }
        Some(own)
    }

    /// Lowers a score if the block's VPC is unknown or its module is used more than once. `None` if the
    /// block is in another VPC.
    fn score_vpc(&self, place: &Place<'_>, mut score: Score) -> Option<Score> {
        let vpc = place.block.body.attribute("vpc_id").map(|vpc| place.file.expression(vpc));
        match vpc.map(|vpc| self.is_workload_vpc(place.module, vpc)) {
            Some(Some(false)) => return None,
            Some(None) => {
                let why = vpc.and_then(|vpc| place.module.why_unknown(vpc));
                score.penalise(format!("its VPC is unknown{}", because(why.as_deref())));
            }
            Some(Some(true)) | None => {}
        }
        if self.config.is_unknown_instance(place.module) {
            score.penalise(self.used_more_than_once(place.module));
        }
        Some(score)
    }

    /// The address to which an `import` block imports this id, and the addresses to which `import` blocks
    /// import other ids.
    fn imported(&self, id: &str) -> (Option<ResourceAddress>, Vec<ResourceAddress>) {
        let (mut own, mut others) = (None, Vec::new());
        let root_module = &self.config.root_module;
        for (file, block) in root_module.blocks("import") {
            let expression =
                |name: &str| block.body.attribute(name).map(|attribute| file.expression(attribute));
            let imported_id = expression("id").and_then(|id| root_module.evaluate(id));
            let to = expression("to").and_then(|to| to.reference()?.parse().ok());
            let (Some(to), Some(imported_id)) = (to, imported_id) else { continue };
            if imported_id == id {
                own = Some(to);
            } else {
                others.push(to);
            }
        }
        (own, others)
    }

    /// A `*.tf.json` file, which egress-doctor does not read.
    fn json_code(&self) -> Option<&'a PathBuf> {
        let mut modules = self.config.modules().into_iter().filter(|module| !module.is_installed);
        modules.find_map(|module| module.json_files.first())
    }

    /// The block of a resource in the state.
    fn managed(&self, managed: &ResourceAddress, id: &str) -> Result<Found<'a>, EditError> {
        let refuse = |why: String| {
            Err(EditError::Answer { place: managed.to_string(), what: format!("{id} is {why}") })
        };
        let Some(module) = self.module_of(managed) else {
            return refuse("managed in a module whose code is not available: run terraform init".to_owned());
        };
        let not_editable = self.why_not_editable(module);
        let Some((file, block)) = module.block("resource", &[&managed.kind, &managed.name]) else {
            return refuse("in the state but not in the code: the next apply would destroy it".to_owned());
        };
        let found = found(id, Place { module, file, block }, "the state lists it")?;
        let evidence = format!("{id} is {managed} ({}): the state lists it.", location(file, block));
        let instance = managed.key.clone().map_or(Instance::Only, Instance::Key);
        Ok(Found { instance, not_editable, evidence, ..found })
    }

    /// The module that contains a resource of the state.
    fn module_of(&self, managed: &ResourceAddress) -> Option<&'a Module> {
        self.config.module_of(managed)
    }

    /// Uses a block as the block that manages an id, because other code refers to it.
    ///
    /// # Errors
    /// An override file changes the block.
    pub fn found_by_reference(
        &self,
        id: &str,
        block: &BlockOrigin<'a>,
        why: &str,
    ) -> Result<Found<'a>, EditError> {
        let instance = match &block.instance {
            Instances::Only => Instance::Only,
            Instances::Key(key) => Instance::Key(key.clone()),
            Instances::All => Instance::UnknownKey,
        };
        let found = found(id, block.place, why)?;
        let not_editable = self.why_not_editable(block.place.module);
        Ok(Found { instance, not_editable, ..found })
    }

    /// The id of a found resource as an expression in the target module: a reference to its block, or else
    /// the id itself.
    pub fn id_expression(&self, found: Option<&Found<'_>>, id: &str) -> String {
        let is_referable = |found: &&Found<'_>| !matches!(found.instance, Instance::UnknownKey);
        let Some(found) = found.filter(is_referable) else { return quoted(id) };
        if found.module.address == self.target.address {
            return format!("{}.id", found.address());
        }
        self.expression_for(found.block.kind().as_slice(), id)
    }

    /// An id as an expression in the target module: a reference to its resource, if the state has it, or
    /// else the id itself.
    pub fn expression_for(&self, kinds: &[&str], id: &str) -> String {
        self.expression_in(self.target, kinds, id)
    }

    /// The same for an expression in another module.
    pub fn expression_in(&self, module: &Module, kinds: &[&str], id: &str) -> String {
        expression_for(&self.state, module, kinds, id)
    }

    /// Subnets as a list expression in the target module.
    pub fn list_of_subnets(&self, subnets: &[SubnetId]) -> String {
        list_of_subnets(&self.state, self.target, subnets)
    }

    /// Why a module is not edited for this resource; `None` if it may be.
    fn why_not_editable(&self, module: &Module) -> Option<String> {
        if module.is_installed {
            let why =
                "managed in a module that terraform init installs: change the arguments of its module call";
            return Some(why.to_owned());
        }
        self.config.is_used_more_than_once(module).then(|| self.used_more_than_once(module))
    }

    /// Why a module that is used more than once is not edited.
    pub fn used_more_than_once(&self, module: &Module) -> String {
        let dir = module.dir.display();
        if self.config.callers_are_incomplete {
            return format!(
                "in the module {dir}, which other code may use too: the repository is too large to search all of it"
            );
        }
        format!("in the module {dir}, which is used more than once")
    }

    /// The connector's subnets, as discovered.
    pub fn workload_subnets(&self) -> Vec<SubnetId> {
        subnets_of(self.snapshot, self.workload)
    }
}

/// The provider of a block without a `provider` argument.
const DEFAULT_PROVIDER: &str = "aws";

/// The `provider` argument of a block: `aws.oregon`.
pub(in crate::terraform) fn provider_of(file: &File, block: &Block) -> Option<String> {
    let written = block.body.attribute("provider").map(|own| file.expression(own))?;
    Some(written.reference().unwrap_or_else(|| written.text.trim().to_owned()))
}

fn provider_of_place(place: Place<'_>) -> String {
    provider_of(place.file, place.block).unwrap_or_else(|| DEFAULT_PROVIDER.to_owned())
}
