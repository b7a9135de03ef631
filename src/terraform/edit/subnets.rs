//! Subnets as expressions in the target module: a reference to the block or output of each subnet, or its id.

use crate::model::SubnetId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::render::quoted;

impl Draft<'_> {
    /// The id of a subnet.
    pub fn subnet(&mut self, id: &SubnetId) -> String {
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
        let all: Vec<String> = ids.iter().map(|id| self.subnet(id)).collect();
        format!("[{}]", all.join(", "))
    }
}
