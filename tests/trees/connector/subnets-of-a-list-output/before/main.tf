module "network" {
  source = "./modules/network"
  name   = "bond"
}

module "app" {
  source     = "./modules/app"
  name       = "bond-ai-dev"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.app_subnet_ids
}
