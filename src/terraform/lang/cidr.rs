//! Ranges of subnets inside a range: `cidrsubnet` and `cidrsubnets`. Evaluates no expressions.

/// The subnet with a number, of those whose prefix is `bits` longer
/// (<https://developer.hashicorp.com/terraform/language/functions/cidrsubnet>).
pub(super) fn subnet(range: ipnet::IpNet, bits: u64, number: u64) -> Option<ipnet::IpNet> {
    let prefix = u8::try_from(bits).ok()?.checked_add(range.prefix_len())?;
    if bits < u64::from(u64::BITS) && number >> bits > 0 {
        return None;
    }
    let shift = u32::from(range.max_prefix_len().checked_sub(prefix)?);
    match range.trunc() {
        ipnet::IpNet::V4(range) => {
            let offset = u32::try_from(u128::from(number).checked_shl(shift)?).ok()?;
            let first = u32::from(range.network()).checked_add(offset)?;
            ipnet::Ipv4Net::new(first.into(), prefix).ok().map(Into::into)
        }
        ipnet::IpNet::V6(range) => {
            let offset = u128::from(number).checked_mul(1_u128.checked_shl(shift)?)?;
            let first = u128::from(range.network()).checked_add(offset)?;
            ipnet::Ipv6Net::new(first.into(), prefix).ok().map(Into::into)
        }
    }
}

/// Subnets one after the other, each with a prefix that is this many bits longer
/// (<https://developer.hashicorp.com/terraform/language/functions/cidrsubnets>).
pub(super) fn subnets(range: ipnet::Ipv4Net, bits: &[u64]) -> Option<Vec<ipnet::Ipv4Net>> {
    let range = range.trunc();
    let mut next = u64::from(u32::from(range.network()));
    let end = u64::from(u32::from(range.broadcast())) + 1;
    let mut all = Vec::new();
    for bits in bits {
        let prefix = u8::try_from(*bits).ok()?.checked_add(range.prefix_len())?;
        let size = 1_u64.checked_shl(u32::from(32_u8.checked_sub(prefix)?))?;
        let start = next.div_ceil(size) * size;
        next = start + size;
        if next > end {
            return None;
        }
        all.push(ipnet::Ipv4Net::new(u32::try_from(start).ok()?.into(), prefix).ok()?);
    }
    Some(all)
}
