terraform {
  source = "../../../modules//VPC"
}

locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl"))
}

inputs = {
  name               = "bond"
  private_ranges     = { a = "10.40.0.0/20", b = "10.40.16.0/20" }
  public_ranges      = { a = "10.40.96.0/24" }
  enable_nat_gateway = local.environment.locals.nat_gateway
}
