locals {
  config = yamldecode(file("${path.module}/config.yaml"))
}

module "vpc" {
  source = "../../../../modules/vpc"

  name            = local.config.name
  cidr            = local.config.vpc.cidr
  private_subnets = local.config.vpc.private
  public_subnets  = local.config.vpc.public
  tags            = local.config.tags
}

module "service" {
  source = "../../../../modules/apprunner"

  name       = local.config.name
  vpc_id     = module.vpc.id
  subnet_ids = values(module.vpc.private_subnet_ids)
  tags       = local.config.tags
}
