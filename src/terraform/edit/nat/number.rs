//! The arguments of the VPC module of the registry that decide the number of its NAT gateways.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/vpc/aws/latest>

use crate::terraform::find::registry::RegistryCall;

/// The condition of `one_nat_gateway_per_az`.
pub(in crate::terraform::edit) const NEEDS_SUBNETS: &str = "needs at least as many public_subnets as azs for one_nat_gateway_per_az: with fewer, it destroys its public subnets.";

/// The NAT gateways that the module is to create.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::terraform::edit) enum NatNumber {
    /// One for all AZs.
    One,
    /// One for each AZ of `azs`.
    EachZone,
    /// One for each private subnet, which is also one for each AZ with a private subnet.
    EachSubnet,
}

impl NatNumber {
    /// One gateway in each AZ of the private subnets. With `one_nat_gateway_per_az` and fewer public subnets than AZs, the module destroys
    /// its public subnets.
    ///
    /// # Errors
    /// The reason why the call cannot ask for it.
    pub fn for_each_zone(call: &RegistryCall<'_>) -> Result<Self, String> {
        let (Some(public), Some(zones)) = (call.length("public_subnets"), call.length("azs")) else {
            return Ok(Self::EachZone);
        };
        if public >= zones {
            return Ok(Self::EachZone);
        }
        match most_subnets(call) {
            Some(subnets) if subnets <= public => Ok(Self::EachSubnet),
            _ => Err(format!(
                "one_nat_gateway_per_az with {public} public_subnets for {zones} azs destroys the public subnets of the module: add a public \
                 subnet for each AZ first"
            )),
        }
    }

    /// The condition of the arguments that the code does not answer.
    pub fn condition(self, call: &RegistryCall<'_>) -> Option<String> {
        let is_known = ["public_subnets", "azs"].iter().all(|name| call.length(name).is_some());
        (self == Self::EachZone && !is_known).then(|| format!("{} {NEEDS_SUBNETS}", call.address()))
    }

    /// `single_nat_gateway` and `one_nat_gateway_per_az`.
    pub fn arguments(self) -> [(&'static str, &'static str); 2] {
        let text = |on| if on { "true" } else { "false" };
        [
            ("single_nat_gateway", text(self == Self::One)),
            ("one_nat_gateway_per_az", text(self == Self::EachZone)),
        ]
    }

    /// The argument that is true.
    pub fn wanted(self) -> Option<&'static str> {
        self.arguments().into_iter().find_map(|(name, value)| (value == "true").then_some(name))
    }

    /// The number; `None` if unknown.
    pub fn of(self, call: &RegistryCall<'_>) -> Option<usize> {
        match self {
            Self::One => Some(1),
            Self::EachZone => call.length("azs"),
            Self::EachSubnet => most_subnets(call),
        }
    }
}

/// The number of route tables of the private subnets without arguments for the number of gateways: that of the largest kind of subnets.
pub(in crate::terraform::edit) fn most_subnets(call: &RegistryCall<'_>) -> Option<usize> {
    let count = |name: &str| if call.has(name) { call.length(name) } else { Some(0) };
    let kinds = ["private_subnets", "elasticache_subnets", "database_subnets", "redshift_subnets"];
    let counts: Option<Vec<usize>> = kinds.iter().map(|kind| count(kind)).collect();
    counts?.into_iter().max()
}
