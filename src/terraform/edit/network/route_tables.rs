//! Expressions for the workload's route tables: references to their blocks, a data source that finds
//! exactly these route tables, or ids.

use crate::model::{RouteTable, RouteTableId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::vpc_module::table_of_call;
use crate::terraform::edit::text::tables::Tables;
use crate::terraform::error::EditError;
use crate::terraform::find::express::{Express, all_instances};
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{Instances, Origin};
use crate::terraform::find::reference::variable_with_all;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::{Line, attribute, quoted};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;

impl<'a> Draft<'a> {
    /// Expressions for exactly these route tables.
    ///
    /// The associations in the code decide. Without them, a data source finds explicit associations. It does not find the main
    /// route table, so that is listed separately.
    ///
    /// # Errors
    /// It is uncertain which block manages a route table.
    pub fn route_tables(&mut self, ids: &[RouteTableId]) -> Result<Tables, EditError> {
        let module = self.finder.target.address.clone();
        let is_known =
            |(known, of, _): &&(Vec<RouteTableId>, Option<String>, Tables)| known == ids && *of == module;
        if let Some((.., tables)) = self.tables.as_ref().filter(is_known) {
            return Ok(tables.clone());
        }
        let is_open = self.finder.state.is_empty()
            && !ids.iter().any(|id| self.finder.answers.contains_key(id.as_str()));
        let tables = match self.chained_tables(ids).filter(|_| is_open) {
            Some(tables) => tables,
            None => self.searched_tables(ids)?,
        };
        let tables = self.with_all_instances(tables);
        self.tables = Some((ids.to_vec(), module, tables.clone()));
        Ok(tables)
    }

    /// The route tables by the associations of the connector's subnets; `None` if the code does not decide it.
    fn chained_tables(&mut self, ids: &[RouteTableId]) -> Option<Tables> {
        let mut origins: Vec<Origin<'a>> = Vec::new();
        for id in ids {
            let table = self.finder.chained_table(id)?;
            if !origins.iter().any(|known| known.is_same_value(&table)) {
                origins.push(table);
            }
        }
        let mut tables = Tables::default();
        if let Some(list) = self.list_of_tables(&origins) {
            tables.lists.push(list);
            return Some(tables);
        }
        for origin in &origins {
            let is_list = match origin {
                Origin::Block(block) => block.instance == Instances::All,
                Origin::Output { name, .. } => name.ends_with("_ids"),
                Origin::Variable { .. } | Origin::Text(_) => false,
            };
            // One block can create the tables of other subnets too.
            let has_others = matches!(origin, Origin::Block(block)
                if instance_keys(block.place).is_some_and(|keys| keys.len() > ids.len()));
            if is_list && (has_others || !self.finder.are_all_tables(ids)) {
                return self.table_instances(ids);
            }
            let expression = self.reference(origin)?;
            if is_list { tables.lists.push(expression) } else { tables.listed.push(expression) }
        }
        Some(self.with_whole_output(&origins, tables))
    }

    /// Instances of one block, by the ranges of their subnets.
    fn table_instances(&mut self, ids: &[RouteTableId]) -> Option<Tables> {
        let instance = |id| self.finder.table_instance(id).or_else(|| table_of_call(self, id));
        let instances = ids.iter().map(instance).collect::<Option<Vec<_>>>()?;
        let listed = instances.iter().map(|origin| self.reference(origin)).collect::<Option<Vec<_>>>()?;
        Some(self.with_whole_output(&instances, Tables { listed, ..Tables::default() }))
    }

    /// The tables as the values of an output that this edit adds, if they are all instances of a block.
    fn with_whole_output(&self, origins: &[Origin<'a>], tables: Tables) -> Tables {
        match self.whole_output(origins, &tables.listed) {
            Some(list) => Tables { lists: vec![list], ..Tables::default() },
            None => tables,
        }
    }

    fn whole_output(&self, instances: &[Origin<'a>], listed: &[String]) -> Option<String> {
        all_instances(instances)?;
        let output = |element: &String| Some(element.strip_suffix(']')?.rsplit_once('[')?.0.to_owned());
        let name = output(listed.first()?)?;
        let is_same = listed.iter().all(|element| output(element).as_ref() == Some(&name));
        let added = self.outputs.iter().find(|added| name.ends_with(&format!(".{}", added.name)));
        let is_map = added.filter(|_| is_same)?.value.starts_with('{');
        Some(if is_map { format!("values({name})") } else { name })
    }

    /// An output or variable that is the list of several tables of another module.
    fn list_of_tables(&self, origins: &[Origin<'a>]) -> Option<String> {
        let (config, module) = (self.finder.config, self.finder.target);
        let is_block = |origin: &Origin<'a>| match origin {
            Origin::Block(block) => {
                block.instance != Instances::All && block.place.module.address != module.address
            }
            _ => false,
        };
        let express = Express { config, origins: &self.finder.network.origins, module };
        let list = express.list(origins).filter(|_| origins.len() > 1 && origins.iter().all(is_block))?;
        Expr::from(&list).reference().is_some().then_some(list)
    }

    /// All instances of one block, or all values of an output, as a list of all of them: it has the table of a further key too.
    fn with_all_instances(&self, tables: Tables) -> Tables {
        let (config, module) = (self.finder.config, self.finder.target);
        let origins = &self.finder.network.origins;
        let single = |table: &String| match origins.of(module, Expr::from(table))?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        let is_element = |table: &String| table.trim_end_matches(".id").ends_with(']');
        let is_candidate =
            tables.lists.is_empty() && tables.listed.len() > 1 && tables.listed.iter().all(is_element);
        let found: Option<Vec<_>> =
            is_candidate.then(|| tables.listed.iter().map(single).collect()).flatten();
        let list = found.and_then(|found| Express { config, origins, module }.list(&found));
        let is_whole = |list: &String| !list.starts_with(['[', '"']) && !list.contains(',');
        match list.filter(is_whole) {
            Some(list) => Tables { lists: vec![list], listed: Vec::new(), ..tables },
            None => tables,
        }
    }

    /// The route tables by the state, their names, or a data source.
    fn searched_tables(&mut self, ids: &[RouteTableId]) -> Result<Tables, EditError> {
        let (explicit, main) = self.finder.workload_tables();
        let main = main.filter(|table| ids.contains(&table.id));
        let chosen: Vec<&RouteTable> =
            explicit.iter().copied().filter(|table| ids.contains(&table.id)).collect();
        let own: Vec<&str> = chosen.iter().map(|table| table.id.as_str()).collect();
        if let Some(list) = variable_with_all(self.finder.target, &own).filter(|_| !own.is_empty()) {
            let main = main.map(|table| self.main_table(&table.id));
            return Ok(Tables { found: Some(list), listed: main.into_iter().collect(), ..Tables::default() });
        }
        let mut listed: Vec<String> = Vec::new();
        let mut all_have_blocks = !chosen.is_empty();
        for table in &chosen {
            let found = self.finder.route_table(&table.id)?;
            let expression = self.finder.id_expression(found.as_ref(), table.id.as_str());
            all_have_blocks &= expression != quoted(table.id.as_str());
            listed.push(expression);
        }
        let main = main.map(|table| self.main_table(&table.id));
        Ok(if all_have_blocks || chosen.len() < explicit.len() || chosen.is_empty() {
            listed.extend(main);
            Tables { listed, ..Tables::default() }
        } else {
            let late = self.is_late().then_some(explicit.len());
            self.note_no_repository();
            if late.is_some() {
                self.note(
                    "The route tables are searched, because the code does not show which ones the subnets use. The number of \
                     tables is the present one.",
                );
            }
            let found = self.tables_by_subnet().map(|list| match late {
                // The subnets can share a table, and the number is that of the tables.
                Some(_) => format!("distinct({list})"),
                None => list,
            });
            let found = Some(found.unwrap_or_else(|| self.associated_tables()));
            Tables { found, late, listed: main.into_iter().collect(), ..Tables::default() }
        })
    }

    /// The main route table: a reference to its block, or the attribute of the VPC.
    fn main_table(&mut self, id: &RouteTableId) -> String {
        let kinds = ["aws_route_table", "aws_default_route_table"];
        let expression = self.finder.expression_for(&kinds, id.as_str());
        if expression != quoted(id.as_str()) {
            return expression;
        }
        format!("{}.main_route_table_id", self.vpc_block())
    }

    /// The ids that a data source finds by the workload's subnets. Adds the data source if the code has
    /// none.
    fn associated_tables(&mut self) -> String {
        let kind = "aws_route_tables";
        let name = self.existing_data_source().unwrap_or_else(|| {
            let filter = vec![
                attribute("name", "\"association.subnet-id\""),
                attribute("values", self.connector_subnets()),
            ];
            let comment =
                "# Route tables associated with the App Runner subnets (explicit associations only)\n";
            self.add_filtered_data(kind, "app_runner", comment, filter)
        });
        format!("data.{kind}.{name}.ids")
    }

    /// Whether a data source over the associations of the subnets waits for resources of this configuration.
    fn is_late(&self) -> bool {
        !self.associations().is_empty()
            || references(&format!("x = {}\n", self.written_subnets()))
                .iter()
                .any(|reference| reference.starts_with("aws_subnet.") || reference.starts_with("module."))
    }

    /// What must exist before a data source over the associations of the subnets is read: the associations of the target module, and
    /// the modules that create the subnets.
    fn associations(&self) -> Vec<String> {
        let own = self.finder.target.resources("aws_route_table_association");
        let modules = references(&format!("x = {}\n", self.written_subnets()));
        let modules = modules.into_iter().filter(|reference| reference.starts_with("module."));
        let mut all: Vec<String> = own.map(|(_, block)| address(block)).chain(modules).collect();
        all.dedup();
        all
    }

    /// Adds a data source that searches the VPC with one filter; returns its name.
    fn add_filtered_data(&mut self, kind: &str, name: &str, comment: &str, filter: Vec<Line>) -> String {
        let name = self.free_name(kind, name);
        let mut lines =
            vec![attribute("vpc_id", self.vpc_id()), Line::Blank, Line::Block("filter".to_owned(), filter)];
        // Associations of this code must exist before the data source is read.
        let associations = self.associations();
        if !associations.is_empty() {
            lines.extend([Line::Blank, attribute("depends_on", format!("[{}]", associations.join(", ")))]);
        }
        self.add_data(kind, &name, comment, &lines);
        name
    }

    /// The name of a data source that finds exactly these route tables, for example from an earlier fix.
    fn existing_data_source(&self) -> Option<String> {
        let (written, referenced) = (self.finder.code.subnets.clone(), self.written_subnets());
        let finds_tables = |file: &File, block: &Block| {
            let filters: Vec<&Block> = block.body.blocks("filter").collect();
            let [filter] = filters.as_slice() else { return false };
            let value = |name: &str| filter.body.attribute(name).map(|attribute| file.expression(attribute));
            let name = value("name").and_then(|name| name.string());
            name.as_deref() == Some("association.subnet-id")
                && value("values").is_some_and(|values| {
                    values.is_same(Expr::from(&written)) || values.is_same(Expr::from(&referenced))
                })
        };
        let mut found =
            self.finder.target.data("aws_route_tables").filter(|(file, block)| finds_tables(file, block));
        found.find_map(|(_, block)| block.name().map(str::to_owned))
    }
}
