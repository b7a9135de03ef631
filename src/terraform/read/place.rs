//! A block with its file and its module.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};

use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::without_parentheses;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;

/// A block with its file and its module.
#[derive(Clone, Copy)]
pub(in crate::terraform) struct Place<'a> {
    pub module: &'a Module,
    pub file: &'a File,
    pub block: &'a Block,
}

impl Place<'_> {
    /// `modules/app/main.tf:12`
    pub fn location(&self) -> String {
        location(self.file, self.block)
    }

    /// Whether two places are the same block of the same module.
    pub fn is_same_block(&self, other: &Place<'_>) -> bool {
        self.module.address == other.module.address
            && self.block.block_type == other.block.block_type
            && self.block.labels == other.block.labels
    }

    /// Whether the block creates several instances.
    pub fn is_one_of_several(&self) -> bool {
        self.block.repeats() && !self.module.is_switch(self.file, self.block)
    }

    /// Whether `lifecycle.ignore_changes` of the block names an attribute.
    pub fn is_ignored(&self, name: &str) -> bool {
        is_ignored(self.file, self.block, name)
    }

    /// The provider of the caller that a called module gets as its provider `own`, `aws` or `aws.main`; `None` if unknown.
    pub fn provider_of_call(&self, own: &str) -> Option<String> {
        self.providers_of_call().remove(own)
    }

    /// The providers of the caller that a called module gets, by their names in the module.
    pub fn providers_of_call(&self) -> BTreeMap<String, String> {
        let Some(providers) = self.block.body.attribute("providers") else {
            return [("aws".to_owned(), "aws".to_owned())].into();
        };
        let tree = self.file.expression(providers).tree();
        let fields = tree.iter().filter_map(|tree| tree.as_object()).flat_map(Object::iter);
        let provider = |(key, value): (&ObjectKey, &ObjectValue)| {
            let key = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(key) => key.to_string().trim().to_owned(),
            };
            (key, value.expr().to_string().trim().to_owned())
        };
        fields.map(provider).collect()
    }

    /// Its full address, from the root module. A call of the App Runner module of the registry has the address of its service.
    pub fn address_in_root(&self) -> ResourceAddress {
        if self.block.block_type == "module" {
            let name = self.block.kind().unwrap_or_default();
            let module = ResourceAddress::module_of(self.module.address.as_deref(), name);
            return ResourceAddress::new(Some(&module), "aws_apprunner_service", "this");
        }
        let address = self.module.address_of(self.block);
        if self.module.is_switch(self.file, self.block) { address.with_key("[0]") } else { address }
    }
}

/// `backend.tf:12`; in JSON syntax `backend.tf.json, resource.aws_vpc.main`.
pub(in crate::terraform) fn location(file: &File, block: &Block) -> String {
    if file.is_json() {
        return format!("{}, {}.{}", file.path.display(), block.block_type, block.labels.join("."));
    }
    format!("{}:{}", file.path.display(), file.line(block.span.start))
}

impl Config {
    /// The `module` block that calls a module.
    pub(in crate::terraform) fn caller(&self, module: &Module) -> Option<Place<'_>> {
        let address = module.address.as_ref()?;
        self.modules().into_iter().find_map(|caller| {
            let call = caller.calls.iter().find(|call| call.module.address.as_ref() == Some(address))?;
            let (file, block) = caller.block("module", &[&call.name])?;
            Some(Place { module: caller, file, block })
        })
    }
}

/// Whether `lifecycle.ignore_changes` of a block lists an attribute, or is `all`. An element of an
/// attribute, `tags["Name"]`, is treated as the whole attribute. A path in quotes, `"tags.Name"`, is the old form, which Terraform still
/// accepts.
pub(in crate::terraform) fn is_ignored(file: &File, block: &Block, name: &str) -> bool {
    let ignores = |element: &Expression| match without_parentheses(element) {
        Expression::Variable(attribute) => attribute.as_str() == name,
        Expression::String(path) => path.split(['.', '[']).next() == Some(name),
        Expression::Traversal(traversal) => {
            matches!(&traversal.expr, Expression::Variable(attribute) if attribute.as_str() == name)
        }
        _ => false,
    };
    block.body.blocks("lifecycle").any(|lifecycle| {
        let list = lifecycle.body.attribute("ignore_changes").map(|list| file.expression(list));
        list.and_then(|list| list.tree()).is_some_and(|tree| match tree.as_ref() {
            Expression::Array(elements) => elements.iter().any(ignores),
            Expression::Variable(word) => word.as_str() == "all",
            Expression::String(word) => word.as_str() == "all",
            _ => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::terraform::lang::scan::scan;

    /// Whether a function returns `true` for the only block of a text.
    fn check(text: &str, is_true: impl Fn(&File, &Block) -> bool) -> bool {
        let file = scan(text).map(|body| File::of_text(Path::new("main.tf"), text.to_owned(), body));
        file.is_ok_and(|file| file.body.blocks("resource").any(|block| is_true(&file, block)))
    }

    #[test]
    fn ignore_changes_lists_whole_attributes() {
        let ignored = |list: &str, name: &str| {
            let text = format!(
                "resource \"aws_vpc\" \"main\" {{\n  lifecycle {{\n    ignore_changes = {list}\n  }}\n}}\n"
            );
            check(&text, |file, block| is_ignored(file, block, name))
        };
        for (list, name, is_listed) in [
            ("[tags]", "tags", true),
            ("[tags_all]", "tags", false),
            ("[tags_all]", "tags_all", true),
            ("[\"network[0].egress\"]", "network", true),
            ("[\"network.0.egress\", name]", "network", true),
            ("[\"network_all.0\"]", "network", false),
            ("[\n      name, # not tags\n      ( tags ),\n    ]", "tags", true),
            ("[\n      name, # not tags\n    ]", "tags", false),
            ("[tags[\"Name\"]]", "tags", true),
            ("[\"tags\"]", "tags", true),
            ("all", "tags", true),
            ("all /* of them */", "tags", true),
            ("[]", "tags", false),
        ] {
            assert_eq!(ignored(list, name), is_listed, "{list} {name}");
        }
    }
}
