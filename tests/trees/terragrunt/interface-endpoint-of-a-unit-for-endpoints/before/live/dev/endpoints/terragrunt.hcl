terraform {
  source = "tfr:///terraform-aws-modules/vpc/aws//modules/vpc-endpoints?version=5.8.1"
}

dependency "network" {
  config_path = "../vpc"
}

inputs = {
  vpc_id = dependency.network.outputs.vpc_id

  endpoints = {
    dynamodb = {
      service         = "dynamodb"
      service_type    = "Gateway"
      route_table_ids = dependency.network.outputs.private_route_table_ids
    }
  }
}
