//! Addresses of resources, `module.app.aws_eip.nat[0]`
//! (<https://developer.hashicorp.com/terraform/cli/state/resource-addressing>).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::terraform::lang::structure::Block;

/// The address of a managed resource: of one instance, or of all instances of a block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceAddress {
    /// The module, `module.app` or `module.app["a"].module.net`; `None` for the root module.
    pub module: Option<String>,
    /// The resource type, `aws_eip`.
    pub kind: String,
    /// The resource name, `nat`.
    pub name: String,
    /// The instance key in HCL syntax, `[0]` or `["a"]`; `None` without `count` and `for_each`, or for all
    /// instances.
    pub key: Option<String>,
}

impl ResourceAddress {
    /// An address without an instance key.
    #[must_use]
    pub fn new(module: Option<&str>, kind: &str, name: &str) -> Self {
        Self { module: module.map(str::to_owned), kind: kind.to_owned(), name: name.to_owned(), key: None }
    }

    /// The address of a module that a module calls, `module.app.module.network`.
    #[must_use]
    pub fn module_of(caller: Option<&str>, name: &str) -> String {
        match caller {
            Some(caller) => format!("{caller}.module.{name}"),
            None => format!("module.{name}"),
        }
    }

    /// The address of an instance of this resource.
    #[must_use]
    pub fn with_key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// The address without instance keys, of the resource and of its modules: the address of the block in
    /// the code.
    #[must_use]
    pub fn without_key(&self) -> Self {
        let module = self.module.as_deref().map(module_without_keys);
        Self { module, key: None, ..self.clone() }
    }

    /// Whether two addresses are instances of one block, in modules with the same keys.
    #[must_use]
    pub fn is_same_block(&self, other: &Self) -> bool {
        (&self.module, &self.kind, &self.name) == (&other.module, &other.kind, &other.name)
    }

    /// Whether this resource is of a block. Where the address of the block has no key for a module, it is of any instance of that module.
    #[must_use]
    pub fn is_of(&self, block: &Self) -> bool {
        (&self.kind, &self.name) == (&block.kind, &block.name)
            && is_instance(
                self.module.as_deref().unwrap_or_default(),
                block.module.as_deref().unwrap_or_default(),
            )
    }

    /// The address inside its module, `aws_eip.nat[0]`.
    #[must_use]
    pub fn in_module(&self) -> Self {
        Self { module: None, ..self.clone() }
    }
}

impl fmt::Display for ResourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(module) = &self.module {
            write!(f, "{module}.")?;
        }
        write!(f, "{}.{}{}", self.kind, self.name, self.key.as_deref().unwrap_or_default())
    }
}

/// The text is not the address of a managed resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not the address of a resource, such as aws_security_group.app or module.app.aws_eip.nat[0]")]
pub struct AddressError(String);

impl Serialize for ResourceAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for ResourceAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| AddressError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<ResourceAddress> {
    let mut rest = text;
    while let Some(call) = rest.strip_prefix("module.") {
        let (_, _, behind) = name_and_key(call)?;
        rest = behind.strip_prefix('.')?;
    }
    let module = text.strip_suffix(rest)?.strip_suffix('.').map(str::to_owned);
    let (kind, no_key, behind) = name_and_key(rest)?;
    let (name, key, end) = name_and_key(behind.strip_prefix('.')?)?;
    let is_resource = no_key.is_none() && kind != "data" && end.is_empty();
    is_resource.then(|| ResourceAddress {
        module,
        kind: kind.to_owned(),
        name: name.to_owned(),
        key: key.map(str::to_owned),
    })
}

/// A name, the key in brackets after it, and the rest of the text.
fn name_and_key(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    if !rest.starts_with('[') {
        return Some((name, None, rest));
    }
    let (key, rest) = rest.split_at(key_end(rest)?);
    Some((name, Some(key), rest))
}

/// The length of a key in brackets, `[0]` or `["a"]`. A quoted key may contain brackets and escaped quotes.
fn key_end(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    let Some(quoted) = inner.strip_prefix('"') else {
        let end = inner.find(']').filter(|end| *end > 0)?;
        return inner.get(..end)?.bytes().all(|byte| byte.is_ascii_digit()).then_some(end + 2);
    };
    let mut is_escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return quoted.get(at + 1..)?.starts_with(']').then_some(at + 4),
            _ => {}
        }
    }
    None
}

/// Whether a module is another one, or an instance of it.
fn is_instance(mut module: &str, mut of: &str) -> bool {
    loop {
        let (Some(call), Some(other)) = (module.strip_prefix("module."), of.strip_prefix("module.")) else {
            return module == of;
        };
        let (Some((name, key, rest)), Some((other, other_key, other_rest))) =
            (name_and_key(call), name_and_key(other))
        else {
            return false;
        };
        if name != other || other_key.is_some_and(|other| key != Some(other)) {
            return false;
        }
        (module, of) = (rest.trim_start_matches('.'), other_rest.trim_start_matches('.'));
    }
}

/// The key of the last module of a module's address: `["b"]` of `module.app["a"].module.net["b"]`.
pub(in crate::terraform) fn key_of_module(module: &str) -> Option<&str> {
    let (mut rest, mut last) = (module, None);
    while let Some(call) = rest.strip_prefix("module.") {
        let (_, key, behind) = name_and_key(call)?;
        last = key;
        rest = behind.strip_prefix('.').unwrap_or_default();
    }
    last
}

/// `module.app["a"].module.net` without its keys.
pub(in crate::terraform) fn module_without_keys(module: &str) -> String {
    let (mut out, mut rest) = (String::new(), module);
    while let Some(at) = rest.find('[') {
        let (name, keyed) = rest.split_at(at);
        out.push_str(name);
        rest = key_end(keyed).and_then(|end| keyed.get(end..)).unwrap_or_default();
    }
    out + rest
}

/// The name of a block inside its module, in the form of a reference: `aws_eip.nat`, `data.aws_vpc.main`,
/// `app` for `module "app"`.
pub(in crate::terraform) fn address(block: &Block) -> String {
    let labels = block.labels.join(".");
    if block.block_type == "data" { format!("data.{labels}") } else { labels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_module_a_type_a_name_and_a_key() {
        let parts = |text: &str| {
            let parsed: Result<ResourceAddress, _> = text.parse();
            parsed.ok().map(|one| (one.to_string(), one.module, one.kind, one.name, one.key))
        };
        for (text, module, kind, name, key) in [
            ("aws_eip.nat", None, "aws_eip", "nat", None),
            ("aws_eip.nat[0]", None, "aws_eip", "nat", Some("[0]")),
            ("module.a.aws_vpc.b[\"x=y\"]", Some("module.a"), "aws_vpc", "b", Some("[\"x=y\"]")),
            (
                r#"module.a["x]\"["].module.b[1].aws_eip.nat["]"]"#,
                Some(r#"module.a["x]\"["].module.b[1]"#),
                "aws_eip",
                "nat",
                Some("[\"]\"]"),
            ),
        ] {
            let expected = (
                text.to_owned(),
                module.map(str::to_owned),
                kind.to_owned(),
                name.to_owned(),
                key.map(str::to_owned),
            );
            assert_eq!(parts(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "a",
            "a.",
            ".a",
            "a.b.c",
            "a.b[c]",
            "a.b[]",
            "a.b[\"c\"",
            "a[0].b",
            "module.a",
            "data.a.b",
            "a.b ",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn a_block_of_a_module_without_a_key_is_of_all_its_instances() {
        let is_of = |one: &str, block: &str| {
            let parsed: [Result<ResourceAddress, _>; 2] = [one.parse(), block.parse()];
            matches!(parsed, [Ok(one), Ok(block)] if one.is_of(&block))
        };
        for (one, block, expected) in [
            ("module.a[\"x\"].module.b[0].aws_eip.nat[0]", "module.a[\"x\"].module.b.aws_eip.nat", true),
            ("module.a[\"x\"].aws_eip.nat", "module.a.aws_eip.nat", true),
            ("module.a[\"y\"].aws_eip.nat", "module.a[\"x\"].aws_eip.nat", false),
            ("module.a.module.b.aws_eip.nat", "module.a.aws_eip.nat", false),
            ("aws_eip.nat[1]", "aws_eip.nat[0]", true),
            ("module.a.aws_eip.nat", "aws_eip.nat", false),
            ("aws_eip.nat", "module.a.aws_eip.nat", false),
        ] {
            assert_eq!(is_of(one, block), expected, "{one} {block}");
        }
    }

    #[test]
    fn keys_are_removed_whatever_they_contain() {
        let address: Result<ResourceAddress, _> = r#"module.a["x]\"["].module.b[0].aws_eip.nat[0]"#.parse();
        let bare = address.map(|address| address.without_key().to_string());
        assert_eq!(bare.as_deref(), Ok("module.a.module.b.aws_eip.nat"));
    }
}
