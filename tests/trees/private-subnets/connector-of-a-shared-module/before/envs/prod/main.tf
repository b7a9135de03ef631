module "network" {
  source = "../../modules/network"

  name = "bond"
  cidr = "10.40.0.0/16"
}

module "service" {
  source = "../../modules/service"

  name       = "bond"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.subnet_ids
}
