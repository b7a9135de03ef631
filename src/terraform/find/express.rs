//! Writes an origin as an expression in a module: a reference to its block, to an output of a called module, or to a variable that
//! the caller sets to it.
//!
//! Only expressions that the code has already; `edit` may add an output.

use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, Origins, instance_address};
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::{Module, ModuleCall};

/// Writes origins in a module.
pub(in crate::terraform) struct Express<'a, 'o> {
    pub config: &'a Config,
    pub origins: &'o Origins<'a>,
    pub module: &'a Module,
}

impl<'a> Express<'a, '_> {
    /// One value; `None` if this module has no expression for it.
    pub fn value(&self, origin: &Origin<'a>) -> Option<String> {
        match origin {
            Origin::Block(block) if self.is_here(block) => (block.instance != Instances::All)
                .then(|| format!("{}.{}", instance_address(block), block.attribute)),
            Origin::Output { call, name } if call.module.address == self.module.address => {
                let key = if call.block.repeats() { "[0]" } else { "" };
                Some(format!("module.{}{key}.{name}", call.block.kind().unwrap_or_default()))
            }
            Origin::Variable { module, name } if module.address == self.module.address => {
                Some(format!("var.{name}"))
            }
            Origin::Text(text) => Some(quoted(text)),
            other => self.existing(std::slice::from_ref(other)),
        }
    }

    /// A list of these values.
    pub fn list(&self, list: &[Origin<'a>]) -> Option<String> {
        if let [only] = list
            && let Some(expression) = self.whole_list(only)
        {
            return Some(expression);
        }
        if !list.iter().all(|origin| self.is_direct(origin))
            && let Some(expression) = self.existing(list)
        {
            return Some(expression);
        }
        let (mut lists, mut singles) = (Vec::new(), Vec::new());
        for origin in list {
            match self.whole_list(origin) {
                Some(expression) => lists.push(expression),
                None => singles.push(self.value(origin)?),
            }
        }
        let singles = (!singles.is_empty()).then(|| format!("[{}]", singles.join(", ")));
        lists.extend(singles);
        match lists.as_slice() {
            [only] => Some(only.clone()),
            several => Some(format!("concat({})", several.join(", "))),
        }
    }

    /// The expression of an origin that is a list itself.
    pub fn whole_list(&self, origin: &Origin<'a>) -> Option<String> {
        match origin {
            Origin::Block(block) if self.is_here(block) => match block.instance {
                Instances::All if block.place.block.body.attribute("for_each").is_some() => {
                    Some(format!("values({})[*].{}", address(block.place.block), block.attribute))
                }
                Instances::All => Some(format!("{}[*].{}", address(block.place.block), block.attribute)),
                _ if is_list_attribute(block) => {
                    Some(format!("{}.{}", instance_address(block), block.attribute))
                }
                _ => None,
            },
            Origin::Output { name, .. } if !name.ends_with(']') => self.value(origin),
            Origin::Variable { name, .. } if !name.ends_with(']') && self.is_list_variable(name) => {
                self.value(origin)
            }
            _ => None,
        }
    }

    /// Whether the origin is written without an output or a variable.
    fn is_direct(&self, origin: &Origin<'a>) -> bool {
        match origin {
            Origin::Block(block) => self.is_here(block),
            Origin::Output { call, .. } => call.module.address == self.module.address,
            Origin::Variable { module, .. } => module.address == self.module.address,
            Origin::Text(_) => true,
        }
    }

    fn is_here(&self, block: &BlockOrigin<'_>) -> bool {
        block.place.module.address == self.module.address
    }

    fn is_list_variable(&self, name: &str) -> bool {
        let root = name.split('.').next().unwrap_or(name);
        let block = self.config.root_module.block("variable", &[root]);
        let kind =
            block.and_then(|(file, block)| block.body.attribute("type").map(|kind| file.value(kind).trim()));
        match kind {
            Some(kind) if root == name => kind.starts_with("list") || kind.starts_with("set"),
            _ => name.ends_with('s'),
        }
    }

    /// An output of a called module, or a variable of this module, with exactly these values.
    fn existing(&self, wanted: &[Origin<'a>]) -> Option<String> {
        let calls = self.module.calls.iter().filter(|call| !call.is_repeated && !call.module.is_installed);
        for call in calls {
            if let Some(name) = self.output_of(call, wanted) {
                return Some(format!("{}.{name}", Self::call_address(self.config, call)));
            }
        }
        let caller = self.config.caller(self.module)?;
        let mut arguments = caller.block.body.attributes();
        let argument = arguments.find(|argument| {
            self.module.has_variable(&argument.name)
                && self
                    .origins
                    .of(caller, caller.file.expression(argument))
                    .is_some_and(|have| is_same(&have, wanted))
        })?;
        Some(format!("var.{}", argument.name))
    }

    /// A call in a reference, `module.network` or `module.network[0]`.
    pub fn call_address(config: &Config, call: &ModuleCall) -> String {
        let key = config.caller(&call.module).filter(|caller| caller.block.repeats()).map_or("", |_| "[0]");
        format!("module.{}{key}", call.name)
    }

    /// The output of a called module with exactly these values.
    fn output_of(&self, call: &'a ModuleCall, wanted: &[Origin<'a>]) -> Option<String> {
        let mut outputs = call.module.blocks("output");
        let found = outputs.find(|(file, block)| {
            let value = block.body.attribute("value").map(|value| file.expression(value));
            let have = value.and_then(|value| self.origins.of(&call.module, value));
            have.is_some_and(|have| is_same(&have, wanted))
        });
        found.and_then(|(_, block)| block.kind().map(str::to_owned))
    }
}

/// Whether an attribute is a list by its name: the ids of a data source, an output of another state.
fn is_list_attribute(block: &BlockOrigin<'_>) -> bool {
    let last = block.attribute.rsplit('.').next().unwrap_or_default();
    let is_state = block.place.block.kind() == Some("terraform_remote_state");
    last == "ids"
        || is_state && (last.ends_with("ids") || last.ends_with("subnets") || last.ends_with("tables"))
}

/// Whether two lists have the same values, in any order.
fn is_same(one: &[Origin<'_>], two: &[Origin<'_>]) -> bool {
    one.len() == two.len() && one.iter().all(|origin| two.iter().any(|other| other.is_same_value(origin)))
}
