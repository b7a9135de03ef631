//! The files of one module directory, with the settings of its provider and backend and the values of its
//! variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl::{Map, Value};
use hcl_edit::expr::{Expression, ObjectKey};

use crate::files::{ENTRIES, LIMIT, list_dir, read_regular};
use crate::terraform::error::{ConfigError, unread};
use crate::terraform::lang::budget::Budget;
use crate::terraform::lang::data_files::DataFiles;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::block_index::BlockIndex;
use crate::terraform::read::data_files::RepositoryFiles;
use crate::terraform::read::file::{CODE_LIMIT, File, Texts, read_file, read_json_file};
use crate::terraform::read::zones::zone_names;

/// The code that the Cloud Development Kit writes.
const CDK_FILE: &str = "cdk.tf.json";

/// HCP Terraform or a similar service that runs the code.
pub(in crate::terraform) struct Remote {
    /// The name of the workspace in the code; `None` if unknown.
    pub workspace: Option<String>,
}

/// The files of one directory.
pub(in crate::terraform) struct ModuleFiles {
    /// Relative to the root.
    dir: PathBuf,
    /// The files that the code can read.
    data: Arc<dyn DataFiles>,
    pub files: Arc<[File]>,
    pub blocks: Arc<BlockIndex>,
    /// The `*.tf.json` files with resources or calls of modules that egress-doctor does not understand.
    pub json: Arc<[PathBuf]>,
    /// Folders with the name of a code file, `x.tf`.
    pub folders: Arc<[PathBuf]>,
    /// The files that `OpenTofu` ignores, because `x.tofu` is beside `x.tf`.
    pub replaced: Arc<[PathBuf]>,
}

impl ModuleFiles {
    /// Reads every `*.tf` file of a directory. Its path is relative to the root. Terraform ignores folders with such a name.
    ///
    /// `OpenTofu` (`is_tofu`) also reads `x.tofu`, and then ignores `x.tf`
    /// (<https://opentofu.org/docs/language/files/#file-extension>). `texts` replace the content of files.
    pub fn read(root: &Path, dir: &Path, is_tofu: bool, texts: &Texts) -> Result<Self, ConfigError> {
        let whole = root.join(dir);
        let (mut names, mut json, mut json_code) = (Vec::new(), Vec::new(), Vec::new());
        let mut folders = Vec::new();
        let mut replaced = Vec::new();
        let entries = list_dir(&whole, ENTRIES).map_err(unread(&whole))?;
        let is_replaced = |text: &str, ending: &str, other: &str| {
            let other = text.strip_suffix(ending).map(|stem| format!("{stem}{other}"));
            is_tofu && other.is_some_and(|other| entries.iter().any(|name| *name == *other))
        };
        for name in &entries {
            let (path, text) = (dir.join(name), name.to_string_lossy());
            let is_json = text.ends_with(".tf.json") || is_tofu && text.ends_with(".tofu.json");
            let is_code =
                (text.ends_with(".tf") || is_tofu && text.ends_with(".tofu")) && !text.starts_with('.');
            if !is_json && !is_code {
                continue;
            }
            if is_replaced(&text, ".tf", ".tofu") || is_replaced(&text, ".tf.json", ".tofu.json") {
                replaced.push(path);
                continue;
            }
            if whole.join(name).is_dir() {
                folders.push(path);
            } else if is_json {
                // The Cloud Development Kit writes it: the program is edited.
                let own = (text != CDK_FILE).then(|| read_json_file(root, &path)).flatten();
                match own {
                    Some(file) => json_code.push(file),
                    None if has_resources(&whole.join(name)) => json.push(path),
                    None => {}
                }
            } else {
                names.push(path);
            }
        }
        if names.is_empty() && json_code.is_empty() {
            return Err(ConfigError::Empty(whole));
        }
        let (mut files, mut bytes) = (Vec::new(), 0);
        for name in names {
            let file = read_file(root, &name, texts)?;
            bytes += file.text.len() as u64;
            if bytes > LIMIT {
                return Err(ConfigError::TooMuchCode(whole, LIMIT));
            }
            files.push(file);
        }
        files.extend(json_code);
        files.sort_by(|one, two| one.path.cmp(&two.path));
        Ok(Self {
            dir: dir.to_owned(),
            data: RepositoryFiles::of(root, texts),
            blocks: Arc::new(BlockIndex::of(&files)),
            files: files.into(),
            json: json.into(),
            folders: folders.into(),
            replaced: replaced.into(),
        })
    }

    /// The remote service that runs this code. It also sets variables.
    pub fn remote(&self) -> Option<Remote> {
        let settings =
            self.files.iter().flat_map(|file| file.body.blocks("terraform").map(move |block| (file, block)));
        settings.into_iter().find_map(|(file, block)| {
            let is_remote = |inner: &&Block| inner.labels.first().is_some_and(|label| label == "remote");
            let cloud =
                block.body.blocks("cloud").next().or_else(|| block.body.blocks("backend").find(is_remote))?;
            let workspaces = cloud.body.blocks("workspaces").next();
            let name = workspaces.and_then(|inner| inner.body.attribute("name"));
            let name = name.map(|name| file.value(name).trim().trim_matches('"').to_owned());
            Some(Remote { workspace: name.filter(|name| !name.contains('$')) })
        })
    }

    /// Whether the code has a backend other than `local`.
    pub fn has_backend(&self) -> bool {
        let mut settings = self.files.iter().flat_map(|file| file.body.blocks("terraform"));
        settings.any(|block| {
            let mut backends = block.body.blocks("backend");
            backends.any(|backend| backend.labels.first().is_none_or(|label| label != "local"))
        })
    }

    /// The AWS provider without an alias.
    fn provider(&self) -> Option<(&File, &Block)> {
        let mut providers =
            self.files.iter().flat_map(|file| file.body.blocks("provider").map(move |block| (file, block)));
        providers.find(|(_, block)| {
            block.labels.first().is_some_and(|label| label == "aws")
                && block.body.attribute("alias").is_none()
        })
    }

    /// The region of the AWS provider without an alias.
    pub fn provider_region(&self, values: &Values) -> Option<String> {
        let (file, block) = self.provider()?;
        values.text(file.expression(block.body.attribute("region")?))
    }

    /// The expression of the default tags of the AWS provider without an alias.
    pub fn default_tags(&self) -> Option<String> {
        let (file, block) = self.provider()?;
        let tags = block.body.blocks("default_tags").next()?.body.attribute("tags")?;
        Some(file.value(tags).to_owned())
    }

    /// Values that include the results of data sources that depend only on the region.
    pub fn with_region(&self, mut values: Values, region: Option<&str>) -> Values {
        let Some(region) = region else { return values };
        let (mut regions, mut zones) = (Map::new(), Map::new());
        for (file, block) in
            self.files.iter().flat_map(|file| file.body.blocks("data").map(move |one| (file, one)))
        {
            match block.labels.as_slice() {
                [of, name] if of == "aws_region" && block.body.items.is_empty() => {
                    let all = ["id", "name", "region"];
                    let all = all.map(|name| (name.to_owned(), Value::from(region)));
                    regions.insert(name.clone(), Value::Object(all.into_iter().collect()));
                }
                [of, name] if of == "aws_availability_zones" => {
                    let Some(names) = zone_names(file, block, &values, region) else { continue };
                    let names = ("names".to_owned(), Value::from(names));
                    zones.insert(name.clone(), Value::Object([names].into_iter().collect()));
                }
                _ => {}
            }
        }
        let all = [("aws_region", regions), ("aws_availability_zones", zones)];
        let known = all.into_iter().filter(|(_, sources)| !sources.is_empty());
        values.set_data(known.map(|(of, sources)| (of.to_owned(), Value::Object(sources))).collect());
        values
    }

    /// Values that include the known ranges of the VPCs that the module creates.
    pub fn with_vpc_ranges(&self, mut values: Values) -> Values {
        // Override files are last, because they have precedence.
        let files = self.files.iter().filter(|file| !file.is_override());
        let files = files.chain(self.files.iter().filter(|file| file.is_override()));
        let blocks = files.flat_map(|file| file.body.blocks("resource").map(move |one| (file, one)));
        let range = |(file, block): (&File, &Block)| {
            let [kind, name] = block.labels.as_slice() else { return None };
            let value = |name: &str| Some(file.expression(block.body.attribute(name)?));
            let range = values.text(value("cidr_block").filter(|_| kind == "aws_vpc")?)?;
            let vpc = Value::Object([("cidr_block".to_owned(), Value::from(range))].into_iter().collect());
            match (value("count"), value("for_each")) {
                (None, None) => Some((name.clone(), vpc)),
                (Some(count), None) if values.text(count).as_deref() == Some("1") => {
                    Some((name.clone(), Value::Array(vec![vpc])))
                }
                _ => None,
            }
        };
        let ranges: Vec<(String, Value)> = blocks.filter_map(range).collect();
        values.set_vpc_ranges(ranges.into_iter());
        values
    }

    /// The variables whose type adds no attributes to an object: those without a type, with `any`, and maps.
    pub fn variables_as_given(&self) -> impl Iterator<Item = String> {
        let blocks =
            self.files.iter().flat_map(|file| file.body.blocks("variable").map(move |block| (file, block)));
        let given = blocks.filter(|(file, block)| {
            let kind = block.body.attribute("type").map_or("any", |kind| file.value(kind).trim());
            kind == "any" || kind.starts_with("map(") && !kind.contains("object(")
        });
        given.filter_map(|(_, block)| block.labels.first().cloned())
    }

    /// The values of variables and locals. `set` replaces the defaults with the values that the
    /// environment, files or a caller set.
    pub fn values(
        &self,
        workspace: Option<&str>,
        budget: &Arc<Budget>,
        set: impl FnOnce(&mut BTreeMap<String, Value>),
    ) -> Values {
        let plain = Values::plain(budget);
        let (mut variables, mut locals) = (BTreeMap::new(), BTreeMap::new());
        // Override files are last, because they have precedence.
        let regular = self.files.iter().filter(|file| !file.is_override());
        for file in regular.chain(self.files.iter().filter(|file| file.is_override())) {
            for block in file.body.blocks("variable") {
                let (Some(name), Some(default)) = (block.labels.first(), block.body.attribute("default"))
                else {
                    continue;
                };
                match plain.value(file.expression(default)) {
                    Some(value) => variables.insert(name.clone(), value),
                    None => variables.remove(name),
                };
            }
            for block in file.body.blocks("locals") {
                let written = block.body.attributes();
                locals.extend(written.map(|one| (one.name.clone(), file.value(one).to_owned())));
            }
        }
        set(&mut variables);
        for (file, block) in
            self.files.iter().flat_map(|file| file.body.blocks("variable").map(move |block| (file, block)))
        {
            let kind = block.body.attribute("type").map(|kind| file.value(kind).trim());
            if let (Some(name), Some(kind)) = (block.labels.first(), kind)
                && let Some(value) = variables.remove(name)
                && let Some(value) = converted(&plain, value, kind)
            {
                let kind = Expr::from(kind).tree();
                let value = kind.map_or(Some(value.clone()), |kind| with_defaults(&plain, value, &kind));
                variables.extend(value.map(|value| (name.clone(), value)));
            }
        }
        let values = Values::new(&variables, workspace, &locals, budget);
        values.in_folder(&self.dir.to_string_lossy(), self.data.clone())
    }
}

/// An object with the defaults of its type for attributes that it does not set, `object({ nat = optional(bool, false) })`; `None` if a
/// default is unknown.
fn with_defaults(plain: &Values, value: Value, kind: &Expression) -> Option<Value> {
    let Expression::FuncCall(call) = without_parentheses(kind) else { return Some(value) };
    let Some(inner) = call.args.iter().next() else { return Some(value) };
    match (call.name.name.as_str(), value) {
        ("optional", value) => with_defaults(plain, value, inner),
        ("list" | "set", Value::Array(list)) => {
            list.into_iter().map(|one| with_defaults(plain, one, inner)).collect::<Option<Value>>()
        }
        ("map", Value::Object(fields)) => {
            let fields = fields.into_iter().map(|(key, one)| Some((key, with_defaults(plain, one, inner)?)));
            fields.collect::<Option<Map<_, _>>>().map(Value::Object)
        }
        ("object", Value::Object(mut fields)) => {
            let Expression::Object(kinds) = without_parentheses(inner) else {
                return Some(Value::Object(fields));
            };
            for (name, kind) in kinds {
                let ObjectKey::Ident(name) = name else { continue };
                let name = name.as_str();
                let value = match fields.swap_remove(name) {
                    Some(value) => Some(with_defaults(plain, value, kind.expr())?),
                    None => match optional(kind.expr()) {
                        Some(arguments) => Some(default_of(plain, &arguments)?),
                        None => None,
                    },
                };
                fields.extend(value.map(|value| (name.to_owned(), value)));
            }
            Some(Value::Object(fields))
        }
        (_, value) => Some(value),
    }
}

/// The arguments of `optional(type, default)`; `None` for a type that is not optional.
fn optional(kind: &Expression) -> Option<Vec<&Expression>> {
    match without_parentheses(kind) {
        Expression::FuncCall(call) if call.name.name.as_str() == "optional" => {
            Some(call.args.iter().collect())
        }
        _ => None,
    }
}

/// The value of an optional attribute that is not set; `None` if unknown.
fn default_of(plain: &Values, arguments: &[&Expression]) -> Option<Value> {
    match arguments {
        [kind, default] => with_defaults(plain, plain.value(Expr::parsed("", default))?, kind),
        _ => Some(Value::Null),
    }
}

/// Whether a file in JSON syntax may have resources or calls of modules.
fn has_resources(path: &Path) -> bool {
    let Ok(bytes) = read_regular(path, CODE_LIMIT) else { return true };
    match serde_json::from_slice(&bytes) {
        Ok(serde_json::Value::Object(code)) => {
            ["resource", "data", "module"].iter().any(|key| code.contains_key(*key))
        }
        Ok(_) | Err(_) => true,
    }
}

/// A value converted to a variable's type: environment variables are text, and numbers may be written as
/// text (<https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion>); `None` if
/// unknown.
fn converted(plain: &Values, value: Value, kind: &str) -> Option<Value> {
    match (kind, value) {
        ("string", Value::Bool(truth)) => Some(Value::from(truth.to_string())),
        ("string", Value::Number(number)) => Some(Value::from(number.to_string())),
        ("bool", Value::String(text)) => text.parse::<bool>().ok().map(Value::from),
        ("string" | "any", value) | (_, value @ Value::Null) => Some(value),
        (_, Value::String(text)) => plain.value(&text),
        (_, value) => Some(value),
    }
}
