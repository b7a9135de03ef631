//! References from the target module to resources of a called module: by an output, which is added if the module has none.

use std::path::PathBuf;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::network::added_output::AddedOutput;
use crate::terraform::edit::text::splice::insert_after;
use crate::terraform::find::express::Express;
use crate::terraform::find::express_element::element_of;
use crate::terraform::find::network::call_towards;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{attribute, block, quoted};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

impl<'a> Draft<'a> {
    /// An origin as an expression in the target module. Adds an output to the called module that has the resource, and to the modules
    /// between, if necessary. `None` if the target module cannot refer to it.
    pub fn reference(&mut self, origin: &Origin<'a>) -> Option<String> {
        self.reference_in(self.finder.target, origin)
    }

    /// The same without a new output.
    pub(in crate::terraform::edit) fn known_reference(&self, origin: &Origin<'a>) -> Option<String> {
        self.known_reference_in(self.finder.target, origin)
    }

    /// The same in another module than the target.
    pub(in crate::terraform::edit) fn known_reference_in(
        &self,
        module: &'a Module,
        origin: &Origin<'a>,
    ) -> Option<String> {
        let express = self.express(module);
        known(&express, origin).or_else(|| {
            let Origin::Block(block) = origin else { return None };
            let (collection, index) = express.collection(block)?;
            Some(element_of(block.place, &collection, &index))
        })
    }

    pub(in crate::terraform::edit) fn reference_in(
        &mut self,
        module: &'a Module,
        origin: &Origin<'a>,
    ) -> Option<String> {
        let express = self.express(module);
        if let Some(expression) = known(&express, origin) {
            return Some(expression);
        }
        let block = match origin {
            Origin::Block(block) => block,
            Origin::Output { call, name, .. } if !call.block.repeats() => {
                return self.output_of_call(module, (origin, *call), name);
            }
            Origin::Output { .. } | Origin::Variable { .. } | Origin::Text(_) => return None,
        };
        // Another call of the module can have no instance: an output of one instance would be invalid there.
        if let Instances::Key(key) = &block.instance {
            if let Some((collection, index)) = express.collection(block) {
                return Some(element_of(block.place, &collection, &index));
            }
            let collection = self.output_of(module, block)?;
            return Some(element_of(block.place, &collection, key));
        }
        self.output_of(module, block)
    }

    /// A new output of a called module with the value of a block, or with all instances if one is wanted.
    fn output_of(&mut self, module: &'a Module, block: &BlockOrigin<'a>) -> Option<String> {
        let config = self.finder.config;
        let call = call_towards(module, block.place.module)?;
        let child = &call.module;
        let value = if child.address == block.place.module.address {
            own_value(block)
        } else {
            let express = self.express(child);
            let present = match &block.instance {
                Instances::Key(key) => {
                    express.collection(block).filter(|(_, index)| index == key).map(|(name, _)| name)
                }
                Instances::Only | Instances::All => known(&express, &Origin::Block(block.clone())),
            };
            match present {
                Some(present) => present,
                None => self.output_of(child, block)?,
            }
        };
        let name = self.add_output(child, (&output_name(child, block), &description(block)), value);
        Some(format!("{}.{name}", Express::call_address(config, call)))
    }

    /// A new output of a called module with the value of an output of a registry module that it calls.
    fn output_of_call(
        &mut self,
        module: &'a Module,
        (origin, of): (&Origin<'a>, Place<'a>),
        name: &str,
    ) -> Option<String> {
        let config = self.finder.config;
        let call = call_towards(module, of.module)?;
        let child = &call.module;
        let known = known(&self.express(child), origin);
        let value = match known {
            Some(known) => known,
            None => self.output_of_call(child, (origin, of), name)?,
        };
        let words = name.replace("_ids", " IDs").replace("_id", " ID").replace('_', " ");
        let label = of.block.kind().unwrap_or_default();
        let description = match registry_module(&of) {
            Some(RegistryModule::Vpc) => format!("{} of the VPC module", words.replace("vpc", "VPC")),
            _ => format!("{words} of module.{label}"),
        };
        let name = self.add_output(child, (name, &description), value);
        Some(format!("{}.{name}", Express::call_address(config, call)))
    }

    /// A new value of a called module as an expression in a module that leads to it: by new outputs of the modules between.
    pub(in crate::terraform::edit) fn value_of_called(
        &mut self,
        module: &'a Module,
        (of, value): (&'a Module, String),
        (name, description): (&str, &str),
    ) -> Option<String> {
        if of.address == module.address {
            return Some(value);
        }
        let call = call_towards(module, of)?;
        let value = self.value_of_called(&call.module, (of, value), (name, description))?;
        let has_value = |(file, output): &(&File, &Block)| {
            let own = output.body.attribute("value").map(|own| file.expression(own));
            own.is_some_and(|own| own.is_same(Expr::from(&value)))
        };
        let present = call.module.blocks("output").find(has_value).and_then(|(_, output)| output.kind());
        let name = match present {
            Some(present) => present.to_owned(),
            None => self.add_output(&call.module, (name, description), value),
        };
        Some(format!("{}.{name}", Express::call_address(self.finder.config, call)))
    }

    fn express(&self, module: &'a Module) -> Express<'a, '_> {
        Express { config: self.finder.config, origins: &self.finder.network.origins, module }
    }

    /// Adds an output, or returns the name of the one that this edit adds already.
    fn add_output(&mut self, child: &'a Module, (name, description): (&str, &str), value: String) -> String {
        if let Some(known) = self.outputs.iter().find(|known| known.dir == child.dir && known.value == value)
        {
            return known.name.clone();
        }
        let is_added = |name: &str| self.outputs.iter().any(|own| own.dir == child.dir && own.name == name);
        let name = free_output(child, name, is_added);
        let mut lines = vec![attribute("value", value.clone())];
        if self.has_descriptions(child) {
            lines.insert(0, attribute("description", quoted(description)));
        }
        let text = block(&format!("output \"{name}\""), &lines);
        self.add_top_level(child, "output", "outputs.tf", &text);
        let is_shared = self.finder.config.is_used_more_than_once(child);
        self.outputs.push(AddedOutput { dir: child.dir.clone(), value, name: name.clone(), is_shared });
        name
    }

    /// Whether most outputs of a module have a description. In a module without outputs, whether those of the other modules have one.
    fn has_descriptions(&self, module: &Module) -> bool {
        let others = self.finder.config.modules().into_iter().filter(|other| other.is_editable());
        let own: Vec<&Module> = vec![module];
        let of_others: Vec<&Module> = others.collect();
        let has_outputs = module.blocks("output").next().is_some();
        let modules = if has_outputs { own } else { of_others };
        let outputs = || modules.iter().flat_map(|module| module.blocks("output"));
        outputs().filter(|(_, output)| output.body.attribute("description").is_some()).count() * 2
            > outputs().count()
    }

    /// Adds a block to a module: after the last block of its type, or to a new file.
    pub(in crate::terraform::edit) fn add_top_level(
        &mut self,
        module: &Module,
        block_type: &str,
        new_file: &str,
        text: &str,
    ) {
        let own = module.blocks(block_type).filter(|(file, _)| file.generated.is_none());
        let last = own.last().map(|(file, block)| (file, block.span.end));
        match last {
            Some((file, end)) => self.splice_after(file, insert_after(file, end, text), text),
            None => self.append_to_new(module.dir.join(new_file), text),
        }
    }

    fn append_to_new(&mut self, path: PathBuf, text: &str) {
        let content = self.new_files.entry(path).or_default();
        if !content.is_empty() {
            content.push('\n');
        }
        content.push_str(text);
    }
}

/// The expression of a module for an origin, without a new output.
fn known<'a>(express: &Express<'a, '_>, origin: &Origin<'a>) -> Option<String> {
    let expression = express.whole_list(origin).or_else(|| express.value(origin));
    expression.or_else(|| express.list(std::slice::from_ref(origin)))
}

/// The value of an output in the module of a block. Instead of one instance all of them, with `count` as a list, with `for_each` as a map by
/// their keys.
fn own_value(origin: &BlockOrigin<'_>) -> String {
    let (block, attribute) = (address(origin.place.block), &origin.attribute);
    let is_map = origin.place.block.body.attribute("for_each").is_some();
    match origin.instance {
        Instances::Only => format!("{block}.{attribute}"),
        Instances::All if is_map => format!("values({block})[*].{attribute}"),
        Instances::Key(_) if is_map => format!("{{ for key, one in {block} : key => one.{attribute} }}"),
        Instances::All | Instances::Key(_) => format!("{block}[*].{attribute}"),
    }
}

/// `private_route_table_id`, `vpc_id`, `private_subnet_ids`; `cidr_block` in a module whose output `id` is of the same resource.
fn output_name(module: &Module, origin: &BlockOrigin<'_>) -> String {
    let (block, attribute) = (origin.place.block, origin.attribute.as_str());
    let own_id = || {
        let (file, output) = module.block("output", &["id"])?;
        let value = file.expression(output.body.attribute("value")?);
        Some(value.reference()? == format!("{}.id", address(block)))
    };
    if origin.instance == Instances::Only && own_id() == Some(true) {
        return attribute.replace('.', "_");
    }
    let kind = block.kind().unwrap_or_default().trim_start_matches("aws_");
    let name = block.name().unwrap_or_default();
    let plural = if origin.instance == Instances::Only { "" } else { "s" };
    let is_plain = ["main", "this", "default"].contains(&name) || name == kind;
    let name = if is_plain { String::new() } else { format!("{name}_") };
    format!("{name}{kind}_{attribute}{plural}").replace('.', "_")
}

fn description(origin: &BlockOrigin<'_>) -> String {
    let kind = origin.place.block.kind().unwrap_or_default().trim_start_matches("aws_").replace('_', " ");
    let kind = if kind == "vpc" { "VPC".to_owned() } else { kind };
    match origin.instance {
        Instances::Only => format!("ID of the {} {kind}", origin.place.block.name().unwrap_or_default()),
        Instances::All | Instances::Key(_) => {
            format!("IDs of the {} {kind}s", origin.place.block.name().unwrap_or_default())
        }
    }
}

fn free_output(module: &Module, name: &str, is_added: impl Fn(&str) -> bool) -> String {
    let is_used = |name: &str| is_added(name) || module.block("output", &[name]).is_some();
    let mut free = name.to_owned();
    for number in 2.. {
        if !is_used(&free) {
            break;
        }
        free = format!("{name}_{number}");
    }
    free
}
