//! Subnets as expressions in the target module: a reference to the block or output of each subnet, an argument of the module's call, a
//! data source by name, or the id.

use crate::model::SubnetId;
use crate::remedy::NEW_PUBLIC_SUBNET;
use crate::terraform::edit::draft::Draft;
use crate::terraform::find::express::Express;
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// The variable of a module for the subnets of a connector.
const VARIABLE: &str = "connector_subnet_ids";

impl<'a> Draft<'a> {
    /// The id of a subnet.
    pub fn subnet(&mut self, id: &SubnetId) -> String {
        let written = self.written_subnet(id);
        if written != quoted(id.as_str()) {
            return written;
        }
        self.subnet_by_name(id).unwrap_or(written)
    }

    /// The same without a new data source.
    pub(in crate::terraform::edit) fn written_subnet(&mut self, id: &SubnetId) -> String {
        if let Some(new) = self.new_public_subnet.as_ref().filter(|_| id.as_str() == NEW_PUBLIC_SUBNET) {
            return new.id.clone();
        }
        let kinds = ["aws_subnet", "aws_default_subnet"];
        let by_state = self.finder.expression_for(&kinds, id.as_str());
        if by_state != quoted(id.as_str()) {
            return by_state;
        }
        if self.finder.state.is_empty()
            && let Some(origin) = self.finder.subnet_origin(id)
            && let Some(expression) = self.reference(&origin)
        {
            return expression;
        }
        by_state
    }

    /// Subnets as a list.
    pub fn subnets(&mut self, ids: &[SubnetId]) -> String {
        if let Some(list) = self.existing_list(self.finder.target, ids) {
            return list;
        }
        let all: Vec<String> = ids.iter().map(|id| self.written_subnet(id)).collect();
        if all.iter().any(|one| one.starts_with('"'))
            && let Some(argument) = self.subnets_of_call(ids)
        {
            return argument;
        }
        let all: Vec<String> = ids.iter().map(|id| self.subnet(id)).collect();
        format!("[{}]", all.join(", "))
    }

    /// Subnets that another module creates, by a new variable of the target module, which its call sets; `None` if the module has other
    /// users, or its caller cannot refer to the subnets.
    fn subnets_of_call(&mut self, ids: &[SubnetId]) -> Option<String> {
        let call = self.call_for_list()?;
        let list = self.list_in(call.module, ids)?;
        self.list_by_call(&list)
    }

    /// The call of the target module, if it can get the variable.
    pub(in crate::terraform::edit) fn call_for_list(&self) -> Option<Place<'a>> {
        let (config, module) = (self.finder.config, self.finder.target);
        let call = config.caller(module).filter(|call| !call.is_one_of_several())?;
        let is_open = module.is_editable()
            && !config.is_used_more_than_once(module)
            && self.is_editable_call(call)
            && !module.has_variable(VARIABLE);
        is_open.then_some(call)
    }

    /// A list of subnets in the module that calls the target module, by the new variable.
    pub(in crate::terraform::edit) fn list_by_call(&mut self, list: &str) -> Option<String> {
        self.call_for_list()?;
        let module = self.finder.target;
        self.add_argument(module, VARIABLE, (list, list)).then_some(())?;
        let variables: Vec<_> = module.blocks("variable").collect();
        let described = variables.iter().filter(|(_, one)| one.body.attribute("description").is_some());
        let mut lines = vec![attribute("type", "list(string)")];
        if described.count() * 2 > variables.len() {
            lines.insert(0, attribute("description", quoted("Subnets of the App Runner connector")));
        }
        let text = block(&format!("variable \"{VARIABLE}\""), &lines);
        self.add_top_level(module, "variable", "variables.tf", &text);
        Some(format!("var.{VARIABLE}"))
    }

    /// Subnets as a list in a module, by their blocks and outputs.
    fn list_in(&mut self, module: &'a Module, ids: &[SubnetId]) -> Option<String> {
        if let Some(list) = self.existing_list(module, ids) {
            return Some(list);
        }
        let origins = ids.iter().map(|id| self.finder.subnet_origin(id)).collect::<Option<Vec<_>>>()?;
        let all = origins.iter().map(|origin| self.reference_in(module, origin));
        Some(format!("[{}]", all.collect::<Option<Vec<_>>>()?.join(", ")))
    }

    /// The output of a called module, or the variable of a module, whose value is a list of exactly these subnets.
    fn existing_list(&self, module: &'a Module, ids: &[SubnetId]) -> Option<String> {
        self.finder.state.is_empty().then_some(())?;
        let config = self.finder.config;
        let subnets = ids.iter().map(|id| self.finder.subnet_origin(id)).collect::<Option<Vec<_>>>()?;
        let list = Express { config, origins: &self.finder.network.origins, module }.list(&subnets)?;
        let is_reference = ["module.", "var."].iter().any(|start| list.starts_with(start))
            && Expr::from(&list).reference().is_some();
        // All instances of one block.
        let is_block = ["values(aws_subnet.", "aws_subnet."].iter().any(|start| list.starts_with(start))
            && list.ends_with("[*].id");
        (is_reference || is_block).then_some(list)
    }

    /// A subnet by a data source with its Name tag, if the module finds its network by tags and no other subnet of the VPC has the name.
    fn subnet_by_name(&mut self, id: &SubnetId) -> Option<String> {
        let module = self.finder.target;
        let by_tag = ["aws_vpc", "aws_subnet", "aws_subnets"].into_iter().any(|kind| {
            module.data(kind).any(|(file, block)| {
                let text = file.slice(block.span.clone());
                text.contains("\"tag:Name\"") || block.body.attribute("tags").is_some()
            })
        });
        by_tag.then_some(())?;
        let snapshot = self.finder.snapshot;
        let vpc = vpc_of(snapshot, self.finder.workload)?;
        let subnets = &snapshot.network.subnets;
        let name = subnets.get(id)?.tags.get("Name")?.clone();
        let same = subnets.iter().filter(|other| other.vpc == *vpc && other.tags.get("Name") == Some(&name));
        (same.count() == 1).then_some(())?;
        let filter =
            vec![attribute("name", "\"tag:Name\""), attribute("values", format!("[{}]", quoted(&name)))];
        let lines =
            [attribute("vpc_id", self.vpc_id()), Line::Blank, Line::Block("filter".to_owned(), filter)];
        let of_vpc = snapshot.network.vpcs.get(vpc).and_then(|vpc| vpc.tags.get("Name"));
        let common =
            of_vpc.map_or(0, |vpc| vpc.chars().zip(name.chars()).take_while(|(a, b)| a == b).count());
        let label: String = name.chars().skip(common).collect();
        let label = if label.is_empty() { &name } else { &label };
        let label: String = label.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let label = label.trim_matches('_');
        let source = self.data_source("aws_subnet", label, "", &lines);
        Some(format!("{source}.id"))
    }
}
