provider "aws" {
  region = "us-west-2"
}

locals {
  project = "bond"
  tags    = { Team = "ai" }
}

module "network" {
  source = "./modules/network"

  project = local.project
  env     = "dev"
  cidr    = "10.40.0.0/16"
  tags    = local.tags
}

module "other_network" {
  source = "./modules/network"

  project = local.project
  env     = "other"
  cidr    = "10.99.0.0/16"
  tags    = local.tags
}

module "app" {
  source = "./modules/app"

  name       = "bond-ai-dev"
  group      = "bond-app"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
}

module "other_app" {
  source = "./modules/app"

  name       = "other"
  group      = "other"
  vpc_id     = module.other_network.vpc_id
  subnet_ids = module.other_network.private_subnet_ids
}
