module "label" {
  source  = "cloudposse/label/null"
  version = "0.25.0"

  namespace = "bond"
  stage     = "dev"
}

module "vpc" {
  source  = "cloudposse/vpc/aws"
  version = "2.1.1"

  ipv4_primary_cidr_block = "10.40.0.0/16"

  context = module.label.context
}

module "subnets" {
  source  = "cloudposse/dynamic-subnets/aws"
  version = "2.4.2"

  vpc_id              = module.vpc.vpc_id
  igw_id              = [module.vpc.igw_id]
  availability_zones  = ["us-west-2a", "us-west-2b"]
  ipv4_cidrs          = [{ private = ["10.40.0.0/20", "10.40.16.0/20"], public = ["10.40.96.0/24", "10.40.97.0/24"] }]
  nat_gateway_enabled = false

  context = module.label.context
}

module "endpoints" {
  source  = "cloudposse/vpc/aws//modules/vpc-endpoints"
  version = "2.1.1"

  vpc_id = module.vpc.vpc_id

  gateway_vpc_endpoints = {
    "dynamodb" = {
      name            = "dynamodb"
      policy          = null
      route_table_ids = module.subnets.private_route_table_ids
    }
  }

  interface_vpc_endpoints = {}

  context = module.label.context
}

output "vpc_id" {
  value = module.vpc.vpc_id
}

output "vpc_cidr_block" {
  value = module.vpc.vpc_cidr_block
}

output "private_subnet_ids" {
  value = module.subnets.private_subnet_ids
}
