//! The HCL scanner on real files: each span covers its item, and the spans with the text between them are
//! the whole file.
//!
//! `EGRESS_DOCTOR_TF_FOLDER=/some/folder cargo test hcl_scanner` checks every `.tf` and `.tfvars` file below
//! a folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use egress_doctor::terraform::scan::{Body, Item, scan};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
        if path.is_dir() && !path.is_symlink() && !hidden {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "tf" || end == "tfvars") {
            found.push(path);
        }
    }
}

/// Rebuilds a body from its items and the text between them.
fn assembled(text: &str, body: &Body, from: usize, to: usize) -> String {
    let mut out = String::new();
    let mut at = from;
    for item in &body.items {
        let span = match item {
            Item::Attribute(attribute) => attribute.span.clone(),
            Item::Block(block) => block.span.clone(),
        };
        assert!(at <= span.start && span.end <= to, "items do not overlap and are inside their body");
        out.push_str(&text[at..span.start]);
        match item {
            Item::Attribute(attribute) => {
                assert!(text[span.clone()].starts_with(&attribute.name));
                assert_eq!(attribute.value.end, span.end);
                assert!(text[span.start..attribute.value.start].contains('='));
                out.push_str(&text[span.clone()]);
            }
            Item::Block(block) => {
                assert!(
                    text[span.clone()].starts_with(&block.block_type) && text[span.clone()].ends_with('}')
                );
                out.push_str(&text[span.start..block.inner.start]);
                out.push_str(&assembled(text, &block.body, block.inner.start, block.inner.end));
                out.push_str(&text[block.inner.end..span.end]);
            }
        }
        at = span.end;
    }
    out.push_str(&text[at..to]);
    out
}

#[test]
fn spans_and_the_text_between_them_are_the_whole_file() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenarios");
    let folder = std::env::var_os("EGRESS_DOCTOR_TF_FOLDER").map_or(assets, PathBuf::from);
    let mut found = Vec::new();
    files(&folder, &mut found);
    assert!(!found.is_empty(), "{} holds no .tf file", folder.display());
    let mut refused = Vec::new();
    for path in &found {
        let Ok(text) = fs::read_to_string(path) else { continue };
        match scan(&text) {
            Ok(body) => assert_eq!(assembled(&text, &body, 0, text.len()), text, "{}", path.display()),
            Err(error) => refused.push(format!("{}: {error}", path.display())),
        }
    }
    let summary = format!("{} files, {} refused\n{}\n", found.len(), refused.len(), refused.join("\n"));
    std::io::stderr().write_all(summary.as_bytes()).unwrap();
    assert!(refused.is_empty() || std::env::var_os("EGRESS_DOCTOR_TF_FOLDER").is_some(), "{refused:?}");
}
