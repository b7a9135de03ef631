module "network" {
  source = "./modules/network"

  name = "bond"
  cidr = "10.40.0.0/16"
}

module "app" {
  source = "./modules/app"

  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.public_subnet_ids
}
