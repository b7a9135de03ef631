//! The values of locals without Terraform: the same as those of a simple evaluator, and within the limits for every code.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use egress_doctor::terraform::{Config, Environment};
use proptest::prelude::*;

use crate::support::expressions::{LOCALS, Random, configuration, variables};
use crate::support::reference_evaluator::Reference;

/// The text of each local between `<` and `>`; `None` if it is unknown.
pub fn texts(root: &Path) -> BTreeMap<String, Option<String>> {
    let config = Config::read(root, &Environment::default()).unwrap();
    let module = &config.root_module;
    let resources = module.resources("aws_vpc");
    resources.map(|(file, block)| (block.name().unwrap().to_owned(), module.region_of(file, block))).collect()
}

#[test]
fn locals_have_the_values_of_a_simple_evaluator() {
    let (known, unknown) = (Cell::new(0), Cell::new(0));
    let root = tempfile::tempdir().unwrap();
    proptest!(ProptestConfig::with_cases(400), |(seed in any::<u64>())| {
        let locals = Random(seed).locals();
        fs::write(root.path().join("main.tf"), configuration(&locals)).unwrap();
        let reference = Reference::new(&variables(), &locals);
        let expected: BTreeMap<String, Option<String>> = locals
            .keys()
            .map(|name| {
                let text = reference.value(&format!("\"<${{local.{name}}}>\""));
                (name.clone(), text.and_then(|text| text.as_str().map(str::to_owned)))
            })
            .collect();
        let count = expected.values().flatten().count();
        known.set(known.get() + count);
        unknown.set(unknown.get() + LOCALS.len() - count);
        prop_assert_eq!(texts(root.path()), expected, "{:#?}", locals);
    });
    // Random expressions would prove little if most of them had no value.
    let (known, unknown) = (known.get(), unknown.get());
    assert!(known > 1000 && unknown > 1000, "{known} known, {unknown} unknown");
}
