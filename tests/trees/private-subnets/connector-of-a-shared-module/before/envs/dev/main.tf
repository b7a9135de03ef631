module "network" {
  source = "../../modules/network"

  name = "bond-dev"
  cidr = "10.50.0.0/16"
}

module "service" {
  source = "../../modules/service"

  name       = "bond-dev"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.subnet_ids
}
