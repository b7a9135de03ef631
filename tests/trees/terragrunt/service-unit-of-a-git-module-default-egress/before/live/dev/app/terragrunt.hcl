include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "git::https://git.example.com/platform/terraform-modules.git//modules/app?ref=v1"
}

dependency "vpc" {
  config_path = "../vpc"
}

inputs = {
  name               = "bond-ai-dev"
  vpc_id             = dependency.vpc.outputs.vpc_id
  private_subnet_ids = dependency.vpc.outputs.private_subnet_ids
  egress_type        = "VPC"
}
