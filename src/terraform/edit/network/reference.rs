//! References to the VPC, its ranges, its main route table, the Region, and the connector's subnets and security group for new blocks.
//!
//! An id that the code writes as text is not written again: the new block refers to a block that has it, or to a data source that the
//! edit adds. One data source of a type serves all new blocks of a module.

use ipnet::Ipv4Net;

use crate::model::{InternetGatewayId, PrefixListId, SecurityGroupId};
use crate::reach::{Egresses, egresses};
use crate::terraform::edit::draft::Draft;
use crate::terraform::find::network::{CONNECTOR, connector_arguments};
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin, instance_address};
use crate::terraform::find::registry::output_of_vpc;
use crate::terraform::find::vpc::vpc_of;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::terraform::lang::structure::{Attribute, Block, Item};
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

impl Draft<'_> {
    /// The id of the workload's VPC.
    pub fn vpc_id(&mut self) -> String {
        match self.known_vpc_id() {
            Some(known) => known,
            None => format!("{}.id", self.vpc_block()),
        }
    }

    /// A block with the attributes of the VPC, `aws_vpc.main`; a new data source if the module has none.
    pub fn vpc_block(&mut self) -> String {
        if let Some(block) = &self.finder.code.vpc_block {
            return block.clone();
        }
        let id = self.known_vpc_id().unwrap_or_else(|| self.finder.code.vpc_id.clone());
        self.data_source(
            "aws_vpc",
            "app_runner",
            "# VPC of the App Runner connector\n",
            &[attribute("id", id)],
        )
    }

    /// The id of the VPC without a new data source of it; `None` if only its text is known.
    fn known_vpc_id(&mut self) -> Option<String> {
        let written = self.finder.code.vpc_id.clone();
        if !written.starts_with('"') {
            return Some(written);
        }
        if let Some(group) = self.vpc_of_group() {
            return Some(group);
        }
        if let Some(vpc) = self.attribute_of_vpc("id") {
            return Some(vpc);
        }
        let (_, connector) = self.connector_here()?;
        let subnets = self.connector_subnets();
        let subnets = if subnets.starts_with('[') { format!("{connector}.subnets") } else { subnets };
        let comment = "# A subnet of the App Runner connector: its VPC is the VPC of the connector\n";
        let lines = [attribute("id", format!("tolist({subnets})[0]"))];
        Some(format!("{}.vpc_id", self.data_source("aws_subnet", "app_runner", comment, &lines)))
    }

    /// The only range of the VPC that a called module creates, if the target module has no other expression: the variable or local
    /// that sets it, or an output of the module.
    pub fn range_of_module(&mut self, ranges: usize) -> Option<String> {
        if self.finder.code.vpc_block.is_some() || ranges != 1 {
            return None;
        }
        if self.finder.code.vpc_id.starts_with('"') {
            return self.attribute_of_vpc("cidr_block");
        }
        self.range_of_call().or_else(|| self.attribute_of_vpc("cidr_block"))
    }

    /// The variable or local of the target module that its calls pass on as the range of the VPC, `var.vpc_cidr`.
    fn range_of_call(&self) -> Option<String> {
        let Origin::Block(vpc) = self.finder.network.vpc.as_ref()? else { return None };
        vpc.place.block.is_resource("aws_vpc").then_some(())?;
        let (mut module, file) = (vpc.place.module, vpc.place.file);
        let range = vpc.place.block.body.attribute("cidr_block")?;
        let mut variable = file.expression(range).variable()?;
        loop {
            let argument = self.finder.config.argument(module, &variable)?;
            let value = Expr::parsed("", &argument.value);
            if argument.call.module.address == self.finder.target.address {
                let is_name = value.variable().is_some() || value.local().is_some();
                return value.reference().filter(|_| is_name);
            }
            (module, variable) = (argument.call.module, value.variable()?);
        }
    }

    /// An attribute of the VPC that a called module creates, by an output of it.
    fn attribute_of_vpc(&mut self, attribute: &str) -> Option<String> {
        let vpc = match self.finder.network.vpc.clone()? {
            Origin::Block(vpc) => vpc,
            // The registry module of a called module creates the VPC.
            output @ Origin::Output { .. } => {
                let name = if attribute == "id" { "vpc_id" } else { "vpc_cidr_block" };
                return self.reference(&output_of_vpc(&output, name)?);
            }
            Origin::Variable { .. } | Origin::Text(_) => return None,
        };
        let is_elsewhere = vpc.place.module.address != self.finder.target.address;
        (vpc.place.block.is_resource("aws_vpc") && is_elsewhere).then_some(())?;
        self.reference(&Origin::Block(BlockOrigin { attribute: attribute.to_owned(), ..vpc }))
    }

    /// The subnets of the connector by references, if the expression has their ids: through outputs of the module that creates them.
    fn refer_to_subnets(&mut self) {
        if !is_list_of_texts(&self.finder.code.subnets) {
            return;
        }
        let Some(subnets) = self.finder.network.subnets.clone() else { return };
        if subnets.iter().any(|subnet| matches!(subnet, Origin::Text(_))) {
            return;
        }
        let all = subnets.iter().map(|subnet| self.reference(subnet)).collect::<Option<Vec<_>>>();
        let list = match (all.as_deref(), subnets.as_slice()) {
            (Some([only]), [Origin::Block(block)]) if block.instance == Instances::All => only.clone(),
            (Some([only]), [Origin::Output { name, .. }]) if !name.ends_with(']') => only.clone(),
            (Some(several), _) => format!("[{}]", several.join(", ")),
            (None, _) => return,
        };
        self.finder.code.subnets = list;
    }

    /// The VPC of the connector's security group: App Runner accepts only groups of the connector's VPC.
    fn vpc_of_group(&self) -> Option<String> {
        let (_, groups) = connector_arguments(self.finder.code.connector.block)?;
        let groups = self.finder.network.origins.of_attribute(self.finder.code.connector, groups)?;
        groups.iter().find_map(|group| {
            let group = group.block_of(&["aws_security_group"])?;
            let Place { module, file, block } = group.place;
            let vpc = block.body.attribute("vpc_id").map(|vpc| file.expression(vpc));
            let is_usable = module.address == self.finder.target.address
                && group.instance != Instances::All
                && module.is_disabled(file, block) != Some(true)
                && vpc.is_none_or(|vpc| self.finder.is_workload_vpc(module, vpc) != Some(false));
            is_usable.then(|| format!("{}.vpc_id", instance_address(group)))
        })
    }

    /// The block of the connector with its address, `aws_apprunner_vpc_connector.app["dev"]`, if it is in the target module and its
    /// instance is known.
    fn connector_here(&self) -> Option<(Place<'_>, String)> {
        let connector = self.finder.code.connector;
        let is_here = connector.module.address == self.finder.target.address;
        let key = match &self.finder.connector_key {
            Some(key) => key.as_str(),
            None if connector.block.repeats() => return None,
            None => "",
        };
        let name = format!("{}{key}", address(connector.block));
        (is_here && connector.block.is_resource(CONNECTOR)).then_some((connector, name))
    }

    /// The connector's subnets for a new block. A list of texts is not copied.
    pub fn connector_subnets(&mut self) -> String {
        self.refer_to_subnets();
        self.written_subnets()
    }

    /// The connector's subnets, as far as an expression for them is known.
    pub fn written_subnets(&self) -> String {
        let written = &self.finder.code.subnets;
        let is_text = is_list_of_texts(written);
        match self.connector_here().filter(|_| is_text) {
            Some((_, connector)) => format!("{connector}.subnets"),
            None => written.clone(),
        }
    }

    /// The connector's only security group, by the connector's argument; `None` for another group.
    pub fn connector_group(&self, group: &SecurityGroupId) -> Option<String> {
        let Egresses::Vpc(sources) = egresses(self.finder.snapshot, self.finder.workload) else {
            return None;
        };
        let is_only = sources.first()?.security_groups.as_slice() == std::slice::from_ref(group);
        let (connector, name) = self.connector_here().filter(|_| is_only)?;
        let written = connector.file.expression(connector.block.body.attribute("security_groups")?);
        let tree = written.tree()?;
        if let Some(only) = tree.as_array().filter(|list| list.len() == 1).and_then(|list| list.get(0)) {
            let reference = Expr::parsed("", only).reference();
            if reference.is_some() {
                return reference;
            }
        }
        Some(format!("one({name}.security_groups)"))
    }

    /// Whether an expression of a module is the argument with the security groups of the connector, or its only element, and a group is the
    /// connector's only one.
    pub fn is_group_of_connector(&self, module: &Module, written: &str, group: &SecurityGroupId) -> bool {
        let connector = self.finder.code.connector;
        if connector.module.address != module.address || connector.block.repeats() {
            return false;
        }
        let Egresses::Vpc(sources) = egresses(self.finder.snapshot, self.finder.workload) else {
            return false;
        };
        let is_only = sources
            .first()
            .is_some_and(|source| source.security_groups.as_slice() == std::slice::from_ref(group));
        let list = format!("{}.security_groups", address(connector.block));
        let forms = [
            list.clone(),
            format!("[one({list})]"),
            format!("one({list})"),
            format!("tolist({list})[0]"),
            format!("[tolist({list})[0]]"),
            format!("element(tolist({list}), 0)"),
        ];
        is_only && forms.iter().any(|form| Expr::from(written).is_same(Expr::from(form)))
    }

    /// A prefix list of an AWS service: by the gateway endpoint of the service, or by a data source.
    pub fn prefix_list(&mut self, id: &PrefixListId) -> String {
        let Some(name) = self.finder.snapshot.network.prefix_lists.get(id).map(|list| list.name.clone())
        else {
            return quoted(id.as_str());
        };
        let region = self.finder.snapshot.region.clone();
        let Some((head, service)) = name.split_once(&format!(".{region}.")) else {
            return quoted(id.as_str());
        };
        let text = format!("\"{head}.{}.{service}\"", self.region());
        let comment = format!("# IP ranges of {service}\n");
        let label: String =
            service.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        format!("{}.id", self.data_source("aws_prefix_list", &label, &comment, &[attribute("name", text)]))
    }

    /// An internet gateway by a data source; `None` if it is not attached to the workload's VPC.
    pub fn attached_gateway(&mut self, gateway: &InternetGatewayId) -> Option<String> {
        let network = &self.finder.snapshot.network;
        let vpc = vpc_of(self.finder.snapshot, self.finder.workload)?;
        let known = network.internet_gateways.get(gateway)?;
        (known.attached_to.as_ref() == Some(vpc)).then_some(())?;
        let filter = vec![
            attribute("name", "\"attachment.vpc-id\""),
            attribute("values", format!("[{}]", self.vpc_id())),
        ];
        let comment = "# Internet gateway of the VPC\n";
        let lines = [Line::Block("filter".to_owned(), filter)];
        Some(format!("{}.id", self.data_source("aws_internet_gateway", "app_runner", comment, &lines)))
    }

    /// Whether a range is the range of the VPC in its block.
    fn is_vpc_range(&self, net: Ipv4Net) -> bool {
        self.vpc_range() == Some(net)
    }

    /// The first range of the VPC.
    pub(in crate::terraform::edit) fn vpc_range(&self) -> Option<Ipv4Net> {
        let vpc = vpc_of(self.finder.snapshot, self.finder.workload)?;
        self.finder.snapshot.network.vpcs.get(vpc)?.cidrs.first().copied()
    }

    /// A range as far as the code has an expression for it.
    pub fn known_range(&self, net: Ipv4Net) -> String {
        let range = self.finder.code.vpc_range.clone().filter(|_| self.is_vpc_range(net));
        range.unwrap_or_else(|| quoted(&net.to_string()))
    }

    /// A range in another module than the target: the range of the VPC by a variable of that module, another range as text.
    pub fn range_in(&self, module: &Module, net: Ipv4Net) -> String {
        let text = net.to_string();
        let is_range = |name: &&str| {
            self.is_vpc_range(net)
                && module.evaluate(&format!("var.{name}")).as_deref() == Some(text.as_str())
        };
        let variable = module.blocks("variable").filter_map(|(_, block)| block.kind()).find(is_range);
        variable.map_or_else(|| quoted(&text), |name| format!("var.{name}"))
    }

    /// A range: the range of the VPC by its block, another range as text.
    pub fn range(&mut self, net: Ipv4Net) -> String {
        if !self.is_vpc_range(net) {
            return quoted(&net.to_string());
        }
        if let Some(range) = &self.finder.code.vpc_range {
            return range.clone();
        }
        if let Some(range) = self.range_of_module(1) {
            return range;
        }
        format!("{}.cidr_block", self.vpc_block())
    }

    /// The Region for use inside a string, in the form that the code uses: a variable, the `region` argument of the neighbours, or a
    /// data source.
    pub fn region(&mut self) -> String {
        let written = self.finder.code.region.clone();
        if written.contains("${") {
            return written;
        }
        if let Some(argument) = self.region_argument() {
            let is_text = argument.starts_with('"');
            if is_text {
                self.note(&format!("The Region is written as text, like the region argument of the blocks beside it: {argument}."));
            }
            return if is_text { written } else { format!("${{{argument}}}") };
        }
        let module = self.finder.target;
        if module.data("aws_region").next().is_none() && self.endpoints_have_literal_region() {
            self.note(&format!("The Region is written as text, as in the service names of the endpoints beside it: \"{written}\"."));
            return written;
        }
        let source = self.data_source("aws_region", "current", "", &[]);
        // The attribute that the module already uses. The id is the Region in all versions of the provider.
        let uses = |attribute: &&&str| {
            let reference = format!("{source}.{attribute}");
            module.files.iter().any(|file| file.text.contains(&reference))
        };
        let attribute = ["region", "name", "id"].iter().find(uses).unwrap_or(&"id");
        format!("${{{source}.{attribute}}}")
    }

    /// Whether all endpoints of the target module have the Region as text in their service names.
    fn endpoints_have_literal_region(&self) -> bool {
        let (module, region) = (self.finder.target, format!(".{}.", self.finder.snapshot.region));
        let names = module.resources("aws_vpc_endpoint").map(|(file, block)| {
            block.body.attribute("service_name").and_then(|name| file.expression(name).string())
        });
        let names: Vec<Option<String>> = names.collect();
        !names.is_empty() && names.iter().all(|name| name.as_ref().is_some_and(|name| name.contains(&region)))
    }

    /// The address of a data source with exactly these arguments: one of the module, or a new one, which all new blocks share.
    pub(in crate::terraform::edit) fn data_source(
        &mut self,
        kind: &'static str,
        name: &str,
        comment: &str,
        lines: &[Line],
    ) -> String {
        let module = self.finder.target;
        let found = module.data(kind).find(|(file, block)| self.has_arguments(file, block, lines));
        if let Some(name) = found.and_then(|(_, block)| block.name()) {
            return format!("data.{kind}.{name}");
        }
        let key = (module.address.clone(), format!("{kind} {name} {comment}"));
        if let Some(known) = self.data_sources.get(&key) {
            return known.clone();
        }
        let name = self.free_name(kind, name);
        let address = format!("data.{kind}.{name}");
        self.add_data(kind, &name, comment, lines);
        let address = self.new_reference(&address);
        self.data_sources.insert(key, address.clone());
        address
    }

    /// Whether a block has exactly these arguments, and the provider of the connector.
    fn has_arguments(&self, file: &File, block: &Block, lines: &[Line]) -> bool {
        let own = || block.body.attributes().filter(|attribute| attribute.name != "provider");
        let is_wanted = |attribute: &Attribute| {
            let wanted = lines.iter().find_map(|line| match line {
                Line::Attribute(name, value) if *name == attribute.name => Some(value),
                Line::Attribute(..) | Line::Blank | Line::Block(..) => None,
            });
            wanted.is_some_and(|wanted| file.expression(attribute).is_same(Expr::from(wanted)))
        };
        let has_blocks = block.body.items.iter().any(|item| matches!(item, Item::Block(_)));
        own().count() == lines.len()
            && own().all(is_wanted)
            && !has_blocks
            && self.finder.has_network_provider(self.finder.target, file, block)
    }
}

/// Whether an expression is a list of texts only.
fn is_list_of_texts(expression: &str) -> bool {
    Expr::from(expression)
        .tree()
        .is_some_and(|tree| tree.as_array().is_some_and(|list| list.iter().all(|one| one.as_str().is_some())))
}
