//! The files of one directory, the root's or a module's, with what they say of the provider and of their variables.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;

use crate::terraform::error::WorkspaceError;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::{File, read_file};

/// A service that runs the code.
pub(in crate::terraform) struct Remote {
    /// The workspace that it runs it in, where the code names one.
    pub workspace: Option<String>,
}

/// The files of one directory.
pub(in crate::terraform) struct Code {
    pub files: Vec<File>,
    /// Those in JSON syntax, which are not read.
    pub json: Vec<PathBuf>,
}

impl Code {
    /// Reads every `*.tf` of a directory below, beside or above the root.
    pub fn read(root: &Path, dir: &Path) -> Result<Self, WorkspaceError> {
        let whole = root.join(dir);
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| WorkspaceError::Io { path, source }
        };
        let (mut names, mut json): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&whole).map_err(io(&whole))? {
            let name = PathBuf::from(entry.map_err(io(&whole))?.file_name());
            let text = name.to_string_lossy().into_owned();
            // A folder or a pipe of that name is no code.
            if fs::metadata(whole.join(&name)).is_ok_and(|metadata| !metadata.is_file()) {
                continue;
            }
            if text.ends_with(".tf.json") {
                json.push(dir.join(&name));
            } else if name.extension().is_some_and(|ending| ending == "tf") && !text.starts_with('.') {
                names.push(name);
            }
        }
        names.sort();
        json.sort();
        if names.is_empty() {
            return Err(WorkspaceError::Empty(whole));
        }
        let files = names.iter().map(|name| read_file(root, &dir.join(name))).collect::<Result<_, _>>()?;
        Ok(Self { files, json })
    }

    /// HCP Terraform or its like, where it runs this code: it sets variables of its own.
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

    /// Whether the state is kept elsewhere.
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
    pub fn provided_region(&self, values: &Values) -> Option<String> {
        let (file, block) = self.provider()?;
        values.text(file.value(block.body.attribute("region")?))
    }

    /// The tags of the AWS provider without an alias, as they are written.
    pub fn default_tags(&self) -> Option<String> {
        let (file, block) = self.provider()?;
        let tags = block.body.blocks("default_tags").next()?.body.attribute("tags")?;
        Some(file.value(tags).to_owned())
    }

    /// Values that know what the region's data source answers.
    pub fn with_region(&self, mut values: Values, region: Option<&str>) -> Values {
        let blocks = self.files.iter().flat_map(|file| file.body.blocks("data"));
        let plain = blocks.filter(|block| block.body.items.is_empty());
        let names: Vec<&str> = plain
            .filter_map(|block| match block.labels.as_slice() {
                [of, name] if of == "aws_region" => Some(name.as_str()),
                _ => None,
            })
            .collect();
        if let Some(region) = region
            && !names.is_empty()
        {
            values.tell_region(&names, region);
        }
        values
    }

    /// Defaults of variables, changed by what is given, and the locals made of them.
    pub fn values(&self, workspace: Option<&str>, give: impl FnOnce(&mut BTreeMap<String, Value>)) -> Values {
        let plain = Values::new(&BTreeMap::new(), None, &BTreeMap::new());
        let (mut variables, mut locals) = (BTreeMap::new(), BTreeMap::new());
        // Override files come last, and so win.
        let plainly = self.files.iter().filter(|file| !file.is_override());
        for file in plainly.chain(self.files.iter().filter(|file| file.is_override())) {
            for block in file.body.blocks("variable") {
                let (Some(name), Some(default)) = (block.labels.first(), block.body.attribute("default"))
                else {
                    continue;
                };
                match plain.value(file.value(default)) {
                    Some(value) => variables.insert(name.clone(), value),
                    None => variables.remove(name),
                };
            }
            for block in file.body.blocks("locals") {
                let written = block.body.attributes();
                locals.extend(written.map(|one| (one.name.clone(), file.value(one).to_owned())));
            }
        }
        give(&mut variables);
        for (file, block) in
            self.files.iter().flat_map(|file| file.body.blocks("variable").map(move |block| (file, block)))
        {
            let kind = block.body.attribute("type").map(|kind| file.value(kind).trim());
            if let (Some(name), Some(kind)) = (block.labels.first(), kind)
                && let Some(value) = variables.remove(name)
                && let Some(value) = converted(&plain, value, kind)
            {
                variables.insert(name.clone(), value);
            }
        }
        Values::new(&variables, workspace, &locals)
    }
}

/// A value as a variable of a type has it: what the environment gives is text, and numbers may be written as text
/// (<https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion>); `None` where that cannot be told.
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
