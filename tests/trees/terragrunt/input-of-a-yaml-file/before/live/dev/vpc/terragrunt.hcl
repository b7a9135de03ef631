terraform {
  source = "../../../modules//VPC"
}

locals {
  settings = yamldecode(file(find_in_parent_folders("env.yaml")))
}

inputs = {
  name               = "bond"
  private_ranges     = { a = "10.40.0.0/20", b = "10.40.16.0/20" }
  public_ranges      = { a = "10.40.96.0/24" }
  enable_nat_gateway = local.settings.network.nat
}
