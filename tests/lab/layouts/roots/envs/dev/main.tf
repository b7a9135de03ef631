module "network" {
  source = "../../modules/network"
  name   = "roots-dev"
}

module "app" {
  source     = "../../modules/app"
  name       = "roots-dev"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
}
