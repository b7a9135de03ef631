terraform {
  source = "../../../modules//VPC"
}

locals {
  environment = read_terragrunt_config(find_in_parent_folders("env.hcl"))
  network     = local.environment.inputs.network
}

inputs = {
  name               = "bond-prod"
  private_ranges     = { a = "10.41.0.0/20" }
  public_ranges      = { a = "10.40.96.0/24" }
  enable_nat_gateway = try(local.network.nat.enabled, false)
}
