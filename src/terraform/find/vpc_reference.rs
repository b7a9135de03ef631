//! Decides whether an expression is the id of the workload's VPC: follows locals, variables, data sources and the `vpc_id` of other
//! resources.

use hcl_edit::expr::Expression;

use crate::terraform::find::finder::Finder;
use crate::terraform::find::network::CONNECTOR;
use crate::terraform::find::origin::{BlockOrigin, Origin, is_same_vpc};
use crate::terraform::find::registry::{RegistryModule, output_of_vpc, registry_module};
use crate::terraform::find::vpc::{is_vpc, vpc_of};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Recursion limit for locals and variables that refer to each other.
const DEPTH: usize = 8;
/// Limit of the expressions that a range leads to.
const FORMS: usize = 64;
/// The functions whose value has the elements of their arguments.
const LISTS: [&str; 6] = ["concat", "distinct", "flatten", "setunion", "tolist", "toset"];

/// What a reference to a VPC leads to.
enum Behind<'a> {
    /// The expression of an argument in this place.
    Argument(Place<'a>, Expr<'a>),
    /// A subnet of the connector.
    Connector,
}

impl<'a> Finder<'a> {
    /// Whether an expression in a module is the id of the workload's VPC; `None` if unknown.
    pub fn is_workload_vpc<'e>(&self, module: &Module, expression: impl Into<Expr<'e>>) -> Option<bool> {
        self.is_workload_vpc_within(module, expression.into(), DEPTH)
    }

    /// Whether an expression in a module, or an element of it, is the first range of the workload's VPC by a reference to the VPC:
    /// `aws_vpc.main.cidr_block`, `module.vpc.vpc_cidr_block`.
    pub fn is_range_of_workload_vpc<'e>(&self, module: &'a Module, expression: impl Into<Expr<'e>>) -> bool {
        let expression = expression.into();
        let is_known = module.address == self.target.address
            && self.code.vpc_range.as_deref().is_some_and(|range| expression.is_same(Expr::from(range)));
        is_known
            || self.is_written_as_range(module, expression)
            || self.network.origins.of(module, expression).unwrap_or_default().iter().any(|origin| {
                match origin {
                    Origin::Block(BlockOrigin { place, attribute, .. }) => {
                        let id = format!("{}.id", address(place.block));
                        attribute == "cidr_block"
                            && matches!(place.block.kind(), Some("aws_vpc" | "aws_default_vpc"))
                            && self.is_workload_vpc(place.module, id.as_str()) == Some(true)
                    }
                    Origin::Output { name, .. } => {
                        let vpc = output_of_vpc(origin, "vpc_id").filter(|_| name == "vpc_cidr_block");
                        let known = self.network.vpc.as_ref();
                        vpc.zip(known).is_some_and(|(vpc, known)| vpc.is_same_value(known))
                    }
                    Origin::Variable { .. } | Origin::Text(_) => false,
                }
            })
    }

    /// Whether an expression, or an element of it, is the expression with which the code sets the range of the workload's VPC: `var.vpc_cidr`.
    /// Follows locals, and variables that the call of the module sets, on both sides. Its value can be unknown.
    fn is_written_as_range(&self, module: &'a Module, expression: Expr<'_>) -> bool {
        let Some((of_vpc, range)) = self.written_range() else { return false };
        let Some(written) = expression.tree() else { return false };
        let range = self.forms(of_vpc, &range);
        self.forms(module, &written).iter().any(|(module, one)| {
            let one = Expr::parsed("", one);
            let is_same = |(other, range): &(&Module, Expression)| {
                module.address == other.address && one.is_same(Expr::parsed("", range))
            };
            !one.differs_by_instance() && range.iter().any(is_same)
        })
    }

    /// The expression with which the code sets the first range of the workload's VPC, in its block or in the call of the VPC module of the
    /// registry, and the module of that expression.
    fn written_range(&self) -> Option<(&'a Module, Expression)> {
        let (place, name) = match self.network.vpc.as_ref()? {
            Origin::Block(BlockOrigin { place, .. }) if place.block.is_resource("aws_vpc") => {
                (*place, "cidr_block")
            }
            Origin::Output { call, .. } if registry_module(call) == Some(RegistryModule::Vpc) => {
                (*call, "cidr")
            }
            _ => return None,
        };
        let range = place.file.expression(place.block.body.attribute(name)?);
        Some((place.module, range.tree()?.into_owned()))
    }

    /// An expression with what its locals and variables lead to, and the elements of the lists among them.
    fn forms(&self, module: &'a Module, expression: &Expression) -> Vec<(&'a Module, Expression)> {
        let mut all = vec![(module, without_parentheses(expression).clone())];
        let mut at = 0;
        while let Some((module, one)) = all.get(at).cloned().filter(|_| at < FORMS) {
            at += 1;
            match &one {
                Expression::Array(list) => {
                    all.extend(list.iter().map(|one| (module, without_parentheses(one).clone())));
                }
                Expression::FuncCall(call) if LISTS.contains(&call.name.name.as_str()) => {
                    all.extend(call.args.iter().map(|one| (module, without_parentheses(one).clone())));
                }
                _ => {
                    let own = Expr::parsed("", &one);
                    let local = own.local().and_then(|name| parse(module.local(&name)?));
                    all.extend(local.map(|value| (module, without_parentheses(&value).clone())));
                    let argument = own.variable().and_then(|name| self.config.argument(module, &name));
                    all.extend(
                        argument.map(|one| (one.call.module, without_parentheses(&one.value).clone())),
                    );
                }
            }
        }
        all
    }

    fn is_workload_vpc_within(&self, module: &Module, expression: Expr<'_>, depth: usize) -> Option<bool> {
        if module.address == self.target.address && expression.is_same(Expr::from(&self.code.vpc_id)) {
            return Some(true);
        }
        if depth == DEPTH
            && let Some(known) = &self.network.vpc
            && let Some(module) = self.config.modules().into_iter().find(|own| own.address == module.address)
            && let Some([one]) = self.network.origins.of(module, expression).as_deref()
            && let Some(is_same) = is_same_vpc(known, one)
        {
            return Some(is_same);
        }
        // Follow a local to its expression, and a variable to the caller's argument.
        let depth = depth.checked_sub(1)?;
        if let Some(written) = expression.local().and_then(|name| module.local(&name)) {
            return self.is_workload_vpc_within(module, Expr::from(written), depth);
        }
        if let Some(name) = expression.variable()
            && let Some(argument) = self.config.argument(module, &name)
        {
            let value = Expr::parsed("", &argument.value);
            return self.is_workload_vpc_within(argument.call.module, value, depth);
        }
        let known =
            is_vpc(module, &self.state, self.snapshot, vpc_of(self.snapshot, self.workload)?, expression);
        known.or_else(|| match self.behind_vpc_reference(module, expression)? {
            Behind::Connector => Some(true),
            Behind::Argument(place, argument) => self.is_workload_vpc_within(place.module, argument, depth),
        })
    }

    /// What `aws_security_group.app.vpc_id`, `data.aws_subnet.app.vpc_id` or `data.aws_vpc.app.id` leads to; `None` if it is no such
    /// reference.
    fn behind_vpc_reference(&self, module: &Module, expression: Expr<'_>) -> Option<Behind<'a>> {
        expression.reference()?;
        let module = self.config.modules().into_iter().find(|own| own.address == module.address)?;
        let origins = self.network.origins.of(module, expression)?;
        let [Origin::Block(BlockOrigin { place, attribute, .. })] = origins.as_slice() else { return None };
        let argument = |name: &str| {
            let written = place.block.body.attribute(name)?;
            Some(Behind::Argument(*place, place.file.expression(written)))
        };
        let is_data = place.block.block_type == "data";
        match (place.block.kind()?, attribute.as_str()) {
            ("aws_vpc", "id") if is_data => argument("id"),
            ("aws_subnet", "vpc_id") if is_data => {
                let subnets = self.network.origins.of_attribute(*place, "id")?;
                let is_of_connector = |origin: &Origin<'_>| {
                    origin.block_of(&[CONNECTOR]).is_some_and(|block| {
                        block.attribute == "subnets" && block.place.is_same_block(&self.code.connector)
                    }) || self.network.subnets.iter().flatten().any(|subnet| subnet.is_same_value(origin))
                };
                (!subnets.is_empty() && subnets.iter().all(is_of_connector)).then_some(Behind::Connector)
            }
            (_, "vpc_id") if !is_data => argument("vpc_id"),
            _ => None,
        }
    }
}
