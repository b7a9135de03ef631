//! Notes that other code than this root module creates the VPC: the code whose state, outputs or SSM parameter this one reads, or whose VPC it
//! finds by tags. New blocks of the VPC are better there.

use crate::remedy::Change;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::is_of_service;
use crate::terraform::find::finder::provider_of;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::other_root::text_of_state;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// The note about the owner of the VPC for an edit of it; `None` if the code does not show that other code creates the VPC.
pub(in crate::terraform::edit) fn note(draft: &Draft<'_>, changes: &[Change]) -> Option<String> {
    let is_of_vpc = |change: &Change| {
        let is_endpoint_rule = matches!(change, Change::AllowEndpointIngress { .. });
        !is_endpoint_rule && !is_of_service(change) || matches!(change, Change::CreatePrivateSubnets { .. })
    };
    changes.iter().any(is_of_vpc).then_some(())?;
    let network = &draft.finder.network;
    let is_created = |vpc: &Origin<'_>| match vpc {
        Origin::Block(block) => block.place.block.block_type == "resource",
        Origin::Output { .. } => true,
        Origin::Variable { .. } | Origin::Text(_) => false,
    };
    if network.vpc.as_ref().is_some_and(is_created) {
        return None;
    }
    let mut known = network.vpc.iter().chain(network.subnets.iter().flatten());
    let how = known.find_map(|origin| match origin {
        Origin::Block(block) if block.place.block.block_type == "data" => how(draft, block.place),
        _ => None,
    })?;
    Some(format!(
        "Other code creates the VPC: {how}. If you can change that code, make this change there instead."
    ))
}

/// The note that the new resources get the provider with which a data source reads the VPC: its role can be one that only reads. `None` if
/// the code creates a resource with it already.
pub(in crate::terraform::edit) fn provider_note(draft: &Draft<'_>) -> Option<String> {
    let network = &draft.finder.network;
    let mut known = network.vpc.iter().chain(network.subnets.iter().flatten());
    let (place, provider) = known.find_map(|origin| match origin {
        Origin::Block(block) if block.place.block.block_type == "data" => {
            Some((block.place, provider_of(block.place.file, block.place.block)?))
        }
        _ => None,
    })?;
    let has_it = |file: &File, block: &Block| provider_of(file, block).as_ref() == Some(&provider);
    if place.module.blocks("resource").any(|(file, block)| has_it(file, block)) {
        return None;
    }
    let new = draft.new_blocks();
    let mut lines = new.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let is_new = lines.any(|words| words == ["provider", "=", provider.as_str()]);
    let is_resource = new.lines().any(|line| line.starts_with("resource "));
    (is_new && is_resource).then(|| {
        format!(
            "The new blocks have the provider {provider}, with which {} ({}) reads the VPC. No resource here has it: make sure that its \
             credentials may create resources, or make this change in the code of that account.",
            address(place.block),
            place.location()
        )
    })
}

/// How a data source finds the VPC or its subnets, as the end of a sentence; `None` if it does not show whose they are.
fn how(draft: &Draft<'_>, place: Place<'_>) -> Option<String> {
    let name = format!("{} ({})", address(place.block), place.location());
    match place.block.kind()? {
        "terraform_remote_state" => {
            let state = text_of_state(place).map_or_else(String::new, |state| format!(" {state}"));
            Some(format!("{name} reads it from the state{state}"))
        }
        "aws_ssm_parameter" => {
            let written = place.module.expression(place.file, place.block, "name")?;
            let parameter = text(place, written);
            Some(format!("{name} reads it from the SSM parameter {parameter}"))
        }
        "tfe_outputs" => {
            let workspace = text(place, place.module.expression(place.file, place.block, "workspace")?);
            Some(format!("{name} reads it from the outputs of the HCP Terraform workspace {workspace}"))
        }
        "aws_cloudformation_export" | "aws_cloudformation_stack" => {
            let written = place.module.expression(place.file, place.block, "name")?;
            let what =
                if place.block.kind() == Some("aws_cloudformation_stack") { "stack" } else { "export" };
            Some(format!("{name} reads it from the CloudFormation {what} {}", text(place, written)))
        }
        kind @ ("aws_vpc" | "aws_subnet" | "aws_subnets") => {
            let is_tag = |filter: &Block| {
                let name =
                    filter.body.attribute("name").and_then(|name| place.file.expression(name).string());
                name.is_some_and(|name| name.starts_with("tag:"))
            };
            let by_tags =
                place.block.body.attribute("tags").is_some() || place.block.body.blocks("filter").any(is_tag);
            let mut modules = draft.finder.config.modules().into_iter();
            let is_created_here = modules.any(|module| module.resources("aws_vpc").next().is_some());
            let found = match kind {
                "aws_vpc" => "it",
                "aws_subnet" => "its subnet",
                _ => "its subnets",
            };
            (by_tags && !is_created_here).then(|| format!("{name} finds {found} by tags"))
        }
        _ => None,
    }
}

/// The value of an expression, or else its text without the quotes.
fn text(place: Place<'_>, written: Expr<'_>) -> String {
    let value = place.module.evaluate(written);
    value.unwrap_or_else(|| written.in_one_line().trim_matches('"').to_owned())
}
