module "network" {
  source = "./modules/network"
  name   = "modules"
}

module "app" {
  source     = "./modules/app"
  name       = "modules"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
}
