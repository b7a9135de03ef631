//! Route tables by the present data sources of one route table for each subnet.

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;

const KIND: &str = "aws_route_table";

impl Draft<'_> {
    /// The ids that data sources of the target module find by the connector's subnets, `values(data.aws_route_table.private)[*].id`. Subnets
    /// that share a table give its id several times.
    pub(in crate::terraform::edit) fn tables_by_subnet(&self) -> Option<String> {
        let module = self.finder.target;
        let mut sources = module.data(KIND).filter(|(file, block)| self.finds_by_subnet(file, block));
        sources.find_map(|(file, block)| self.by_all_subnets(file, block)).or_else(|| self.by_each_subnet())
    }

    /// Whether a data source has the subnet as its only argument.
    fn finds_by_subnet(&self, file: &File, block: &Block) -> bool {
        let is_plain = |name: &str| ["subnet_id", "for_each", "count", "provider"].contains(&name);
        let module = self.finder.target;
        block.body.attributes().all(|attribute| is_plain(&attribute.name))
            && block.body.blocks("filter").next().is_none()
            && module.is_disabled(file, block) != Some(true)
            && self.finder.has_network_provider(module, file, block)
    }

    /// A data source with an instance for each of the connector's subnets.
    fn by_all_subnets(&self, file: &File, block: &Block) -> Option<String> {
        let value = |name: &str| block.body.attribute(name).map(|value| file.expression(value));
        let (subnet, name) = (value("subnet_id")?, block.name()?);
        if let Some(each) = value("for_each") {
            let is_instance = ["each.key", "each.value"].contains(&subnet.reference()?.as_str());
            let is_all = is_instance && self.is_subnets(&argument_of(each, "toset")?);
            return is_all.then(|| format!("values(data.{KIND}.{name})[*].id"));
        }
        let list = argument_of(value("count")?, "length")?;
        let element = subnet.reference()?;
        let is_element = element == format!("{list}[count.index]") && self.is_subnets(&list);
        is_element.then(|| format!("data.{KIND}.{name}[*].id"))
    }

    /// A data source for each element of the connector's subnets.
    fn by_each_subnet(&self) -> Option<String> {
        let module = self.finder.target;
        let written = Expr::from(&self.finder.code.subnets).tree()?.into_owned();
        let source = |element: &Expression| {
            let mut sources = module.data(KIND).filter(|(_, block)| !block.repeats());
            let (_, block) = sources.find(|(file, block)| {
                let subnet = block.body.attribute("subnet_id").map(|subnet| file.expression(subnet));
                subnet.is_some_and(|subnet| subnet.is_same(Expr::parsed("", element)))
                    && self.finds_by_subnet(file, block)
            })?;
            Some(format!("data.{KIND}.{}.id", block.name()?))
        };
        let all = written.as_array()?.iter().map(source).collect::<Option<Vec<_>>>()?;
        (!all.is_empty()).then(|| format!("[{}]", all.join(", ")))
    }

    /// Whether a list is that of the connector's subnets.
    fn is_subnets(&self, list: &str) -> bool {
        let written = [self.finder.code.subnets.clone(), self.written_subnets()];
        written.iter().any(|own| Expr::from(own).is_same(Expr::from(list)))
    }
}

/// The only argument of a call of a function, if it is a reference.
fn argument_of(expression: Expr<'_>, function: &str) -> Option<String> {
    let tree = expression.tree()?;
    let Expression::FuncCall(call) = without_parentheses(&tree) else { return None };
    (call.name.name.as_str() == function && call.args.iter().count() == 1).then_some(())?;
    Expr::parsed("", call.args.iter().next()?).reference()
}
