terraform {
  source = "tfr:///terraform-aws-modules/vpc/aws//modules/vpc-endpoints?version=5.8.1"
}

dependency "network" {
  config_path = "../vpc"
}

inputs = {
  vpc_id     = dependency.network.outputs.vpc_id
  subnet_ids = dependency.network.outputs.private_subnets

  create_security_group = true
  security_group_rules = {
    https = {
      cidr_blocks = [dependency.network.outputs.vpc_cidr_block]
    }
  }

  endpoints = {
    dynamodb = {
      service         = "dynamodb"
      service_type    = "Gateway"
      route_table_ids = dependency.network.outputs.private_route_table_ids
    }
  }
}
