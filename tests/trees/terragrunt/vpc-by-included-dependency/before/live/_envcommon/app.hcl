terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/../modules/app"
}

dependency "vpc" {
  config_path = "../vpc"
}

inputs = {
  vpc_id      = dependency.vpc.outputs.vpc_id
  subnet_ids  = dependency.vpc.outputs.private_subnet_ids
  egress_type = "VPC"
}
