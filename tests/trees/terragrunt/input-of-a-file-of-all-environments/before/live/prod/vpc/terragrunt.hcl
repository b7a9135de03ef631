terraform {
  source = "../../../modules//VPC"
}

locals {
  common = read_terragrunt_config(find_in_parent_folders("common.hcl"))
}

inputs = {
  name               = "bond-prod"
  private_ranges     = { a = "10.41.0.0/20" }
  public_ranges      = { a = "10.40.96.0/24" }
  enable_nat_gateway = local.common.locals.nat_gateway
}
