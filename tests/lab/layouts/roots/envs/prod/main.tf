module "network" {
  source = "../../modules/network"
  name   = "roots-prod"
}

module "app" {
  source     = "../../modules/app"
  name       = "roots-prod"
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
}
