data "aws_region" "current" {}

module "endpoints" {
  source = "./endpoints"
  vpc_id = module.net.vpc_id

  interface_endpoints = {
    # The registry
    ecr-api = {
      name               = "bond-ecr-api"
      service_name       = "com.amazonaws.${data.aws_region.current.name}.ecr.api"
      subnet_ids         = module.net.subnets
      security_group_ids = [module.group.id]
    }
    logs = {
      # Log groups
      name               = "bond-logs"
      service_name       = "com.amazonaws.${data.aws_region.current.name}.logs"
      subnet_ids         = module.net.subnets # private
      security_group_ids = [module.group.id]
    }
  }

  gateway_endpoints = {
  }
}

module "group" {
  source = "./group"
  name   = "bond-endpoints"
  vpc_id = module.net.vpc_id

  rules = [
    {
      cidr_blocks = [module.net.range]
      port        = 443
    },
  ]
}
