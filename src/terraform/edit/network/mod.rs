//! The VPC, its subnets, route tables, routes and internet gateway: references to them for new code, and edits of them.
//!
//! Must not edit endpoints or security groups.

pub(super) mod added_output;
pub(super) mod commented_routes;
pub(super) mod connector_list;
pub(super) mod default_routes;
pub(super) mod internet_gateway;
pub(super) mod internet_gateway_in_code;
pub(super) mod listed_subnets;
pub(super) mod module_subnets;
pub(super) mod new_connector;
pub(super) mod other_root;
pub(super) mod outputs;
pub(super) mod own_private_subnets;
pub(super) mod peering;
pub(super) mod placement;
pub(super) mod private_subnets;
pub(super) mod provider;
pub(super) mod public_subnets;
pub(super) mod reference;
pub(super) mod replaced_routes;
pub(super) mod root_by_name;
pub(super) mod route_of_call;
pub(super) mod route_tables;
pub(super) mod subnet_paths;
pub(super) mod subnets;
pub(super) mod table_entries;
pub(super) mod tables_by_subnet;
pub(super) mod unit_of_other_module;
pub(super) mod vpc_dns;
pub(super) mod vpc_owner;
pub(super) mod vpc_unit;
