//! The number of instances of a new resource with `count` or `for_each`.

use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::Line;

impl Draft<'_> {
    /// The number of instances; `None` without `count` and `for_each`, or if it is unknown.
    pub(super) fn instances_of(&self, kind: &str, lines: &[Line]) -> Option<usize> {
        let Some(Line::Attribute(name, value)) = lines.first() else { return None };
        let is_count = name == "count";
        (is_count || name == "for_each").then_some(())?;
        let module = self.finder.target;
        // `for_each = aws_nat_gateway.main`: the instances of another new resource.
        let whole = value.trim_start_matches("length(").trim_end_matches(')');
        let of_new = self.instances.iter().find(|(address, _)| {
            address.module == module.address && address.in_module().to_string() == whole
        });
        let of_code = || {
            let tree = Expr::from(value.as_str()).tree()?;
            if is_count { module.number(&tree) } else { module.length(&tree) }
        };
        of_new.map(|(_, count)| *count).or_else(of_code).or_else(|| match kind {
            "aws_route" | "aws_vpc_endpoint_route_table_association" => {
                self.tables.as_ref().map(|(ids, ..)| ids.len())
            }
            "aws_eip" | "aws_nat_gateway" => Some(self.nat_gateways),
            _ => None,
        })
    }
}
