module "network" {
  source = "./network"
}

module "security" {
  source = "./security"

  vpc_id = module.network.vpc_id
}

module "runner" {
  source = "./runner"

  subnet_ids        = module.network.private_subnet_ids
  security_group_id = module.security.app_group_id
}
