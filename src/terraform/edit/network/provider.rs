//! The `provider` and `region` arguments of new blocks.

use crate::terraform::edit::draft::Draft;
use crate::terraform::find::finder::provider_of;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::{Line, attribute, quoted};

impl Draft<'_> {
    /// The lines of a new block, with the `provider` argument of the network and the neighbours' `region` argument if they have one.
    /// Without them, the resource could be in another region or account.
    pub fn with_provider(&self, kind: &str, lines: &[Line], is_resource: bool) -> Vec<Line> {
        let region = self.region_of_neighbour().map(|(region, is_followed_by_blank)| {
            let blank =
                is_resource && is_followed_by_blank && !matches!(lines.first(), None | Some(Line::Blank));
            [attribute("region", region)].into_iter().chain(blank.then_some(Line::Blank))
        });
        let mut lines = lines.to_vec();
        // After `count` and `for_each`.
        let is_repeated =
            matches!(lines.first(), Some(Line::Attribute(name, _)) if name == "count" || name == "for_each");
        let at = if is_repeated && matches!(lines.get(1), Some(Line::Blank)) { 2 } else { 0 };
        lines.splice(at..at, region.into_iter().flatten());
        let provider = self.provider_of_new(kind, &lines).map(|provider| attribute("provider", provider));
        let blank = provider.iter().filter(|_| !lines.is_empty()).map(|_| Line::Blank).collect::<Vec<_>>();
        provider.into_iter().chain(blank).chain(lines).collect()
    }

    /// The provider of a new block: a rule has that of its group, and a connector that of the connector. All other blocks belong to the
    /// network.
    fn provider_of_new(&self, kind: &str, lines: &[Line]) -> Option<String> {
        let module = self.finder.target;
        if kind.starts_with("aws_apprunner_") {
            return self.finder.connector_provider_in(module);
        }
        let group = lines.iter().find_map(|line| match line {
            Line::Attribute(name, value) if name == "security_group_id" => {
                Expr::from(value.as_str()).reference()
            }
            _ => None,
        });
        let group = group.and_then(|group| {
            let mut parts = group.split(['.', '[']);
            module.block("resource", &[parts.next()?, parts.next()?])
        });
        match group {
            Some((file, block)) => provider_of(file, block),
            None => self.finder.network_provider_in(module),
        }
    }

    /// The `region` argument of the VPC's block, or of the connector or another resource of the target module.
    pub fn region_argument(&self) -> Option<String> {
        self.region_of_neighbour().map(|(region, _)| region)
    }

    /// The same, and whether the neighbour has an empty line below it.
    fn region_of_neighbour(&self) -> Option<(String, bool)> {
        let (module, connector) = (self.finder.target, self.finder.code.connector);
        let kinds = ["aws_vpc", "aws_subnet", "aws_route_table", "aws_security_group"];
        let neighbours = kinds.iter().flat_map(|kind| module.resources(kind).chain(module.data(kind)));
        let connector = Some((connector.file, connector.block))
            .filter(|_| self.finder.code.connector.module.address == module.address);
        let mut blocks = neighbours
            .chain(connector)
            .filter(|(file, block)| !self.finder.is_in_another_region(module, file, block));
        let region = blocks.next().and_then(|(file, block)| {
            let region = block.body.attribute("region")?;
            let mut below = file.text.get(region.span.end..).unwrap_or_default().lines().skip(1);
            let is_followed_by_blank = below.next().is_some_and(|line| line.trim().is_empty());
            Some((file.expression(region).as_code(), is_followed_by_blank))
        });
        // Only the argument can create a block in another Region than that of the provider.
        region.or_else(|| {
            let own = &self.finder.snapshot.region;
            let is_other = module.region.as_ref().is_some_and(|region| region != own.as_str());
            (is_other && self.finder.network_provider_in(module).is_none())
                .then(|| (quoted(own.as_str()), false))
        })
    }
}
