terraform {
  source = "../../../modules//APP"
}

dependency "vpc" {
  config_path = "../vpc"
}

inputs = {
  vpc_id  = dependency.vpc.outputs.vpc_id
  subnets = dependency.vpc.outputs.private_subnets
}
