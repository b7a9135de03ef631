terraform {
  source = "../../../modules//ALARMS"
}

locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl"))
}

inputs = {
  has_nat = local.environment.locals.nat_gateway
}
