//! The addresses of `moved`, `removed` and `import` blocks.
//!
//! Terraform rejects a resource at the address from which a `moved` or `removed` block takes one ("Moved object still exists",
//! "Removed resource still exists"), and imports another object into a resource at the address of an `import` block
//! (<https://developer.hashicorp.com/terraform/language/modules/develop/refactoring>).
//! This module does not interpret the blocks.

use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::config::Config;

/// The blocks, each with its arguments that are addresses.
const BLOCKS: [(&str, &[&str]); 3] =
    [("moved", &["from", "to"]), ("removed", &["from"]), ("import", &["to"])];

/// Whether a `moved`, `removed` or `import` block of any module has the address of a resource, of any of its instances.
pub(in crate::terraform) fn is_in_refactoring(config: &Config, address: &ResourceAddress) -> bool {
    let address = without_keys(&address.without_key().to_string());
    config.modules().into_iter().any(|module| {
        BLOCKS.iter().any(|(kind, arguments)| {
            module.blocks(kind).any(|(file, block)| {
                let given = arguments.iter().filter_map(|name| block.body.attribute(name));
                given.map(|attribute| without_keys(file.expression(attribute).text)).any(|given| match module
                    .address
                    .as_deref()
                {
                    Some(caller) => format!("{}.{given}", without_keys(caller)) == address,
                    None => given == address,
                })
            })
        })
    })
}

/// An address without the keys of instances: `module.app["a"].aws_eip.nat[0]` without `["a"]` and `[0]`.
fn without_keys(address: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for c in address.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            c if depth == 0 && !c.is_whitespace() => kept.push(c),
            _ => {}
        }
    }
    kept
}
