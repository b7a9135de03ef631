//! Finds the variable that sets the egress of a service.

use hcl_edit::expr::{BinaryOperator, Conditional, Expression};

use crate::terraform::lang::expression::{conditional, parse, variable, without_parentheses};

/// A variable, and its value for DEFAULT egress.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::terraform) struct EgressSwitch {
    pub variable: String,
    /// The HCL expression of the value.
    pub value: &'static str,
    /// The number of references from the two attributes to the variable.
    pub uses: usize,
}

/// The switch in the expressions of `egress_type` and `vpc_connector_arn`. It must also set the ARN to
/// `null`: AWS rejects an ARN with DEFAULT egress.
pub(in crate::terraform) fn egress_switch(egress_type: &str, arn: Option<&str>) -> Option<EgressSwitch> {
    let egress_type = parse(egress_type)?;
    let arn = match arn {
        Some(arn) => Some(parse(arn)?),
        None => None,
    };
    if let Some(name) = variable(&egress_type) {
        // egress_type = var.egress, vpc_connector_arn = var.egress == "VPC" ? … : null
        let arn = conditional(arn.as_ref()?)?;
        let fits = is_vpc(&arn.cond_expr, name) && is_null(&arn.false_expr);
        return fits.then(|| EgressSwitch { variable: name.to_owned(), value: "\"DEFAULT\"", uses: 2 });
    }
    // egress_type = var.private ? "VPC" : "DEFAULT", vpc_connector_arn = var.private ? … : null
    let cases = conditional(&egress_type)?;
    let name = variable(&cases.cond_expr)?;
    let is_default = match (text(&cases.true_expr)?, text(&cases.false_expr)?) {
        ("VPC", "DEFAULT") => false,
        ("DEFAULT", "VPC") => true,
        _ => return None,
    };
    let uses = match &arn {
        None => 1,
        Some(arn) => {
            let arn = conditional(arn)?;
            let is_removed = variable(&arn.cond_expr) == Some(name) && is_null(case(arn, is_default));
            is_removed.then_some(2)?
        }
    };
    Some(EgressSwitch { variable: name.to_owned(), value: if is_default { "true" } else { "false" }, uses })
}

/// The result of a conditional for a value of its condition.
fn case(conditional: &Conditional, value: bool) -> &Expression {
    if value { &conditional.true_expr } else { &conditional.false_expr }
}

/// Whether an expression is `var.name == "VPC"`.
fn is_vpc(expression: &Expression, name: &str) -> bool {
    let Expression::BinaryOp(operation) = without_parentheses(expression) else { return false };
    let sides = [(&operation.lhs_expr, &operation.rhs_expr), (&operation.rhs_expr, &operation.lhs_expr)];
    *operation.operator.value() == BinaryOperator::Eq
        && sides.iter().any(|(one, other)| variable(one) == Some(name) && text(other) == Some("VPC"))
}

fn text(expression: &Expression) -> Option<&str> {
    without_parentheses(expression).as_str()
}

fn is_null(expression: &Expression) -> bool {
    matches!(without_parentheses(expression), Expression::Null(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(variable: &str, value: &'static str, uses: usize) -> EgressSwitch {
        EgressSwitch { variable: variable.to_owned(), value, uses }
    }

    #[test]
    fn a_variable_decides_the_type_and_the_arn() {
        let vpc = r#"var.private ? "VPC" : "DEFAULT""#;
        assert_eq!(egress_switch(vpc, None), Some(switch("private", "false", 1)));
        assert_eq!(
            egress_switch(vpc, Some("var.private ? x.y.arn : null")),
            Some(switch("private", "false", 2))
        );
        let default = r#"var.public ? "DEFAULT" : "VPC""#;
        assert_eq!(
            egress_switch(default, Some("var.public ? null : x.y.arn")),
            Some(switch("public", "true", 2))
        );
        let arn = r#"var.egress == "VPC" ? x.y.arn : null"#;
        assert_eq!(egress_switch("var.egress", Some(arn)), Some(switch("egress", "\"DEFAULT\"", 2)));
    }

    #[test]
    fn comments_parentheses_and_line_breaks_do_not_change_the_answer() {
        let vpc = "(var.private /* no internet */) ? (\n  \"VPC\"\n) : \"DEFAULT\"";
        assert_eq!(
            egress_switch(vpc, Some("(var.private ? x.y.arn : (null))")),
            Some(switch("private", "false", 2))
        );
    }

    #[test]
    fn an_arn_that_stays_is_no_switch() {
        let vpc = r#"var.private ? "VPC" : "DEFAULT""#;
        assert_eq!(egress_switch(vpc, Some("x.y.arn")), None);
        assert_eq!(egress_switch(vpc, Some("var.private ? null : x.y.arn")), None);
        assert_eq!(egress_switch(vpc, Some("var.other ? x.y.arn : null")), None);
        assert_eq!(egress_switch("var.egress", None), None);
        assert_eq!(egress_switch("local.egress", Some("null")), None);
    }
}
