variable "name" {
  type = string
}

module "network" {
  source = "../network"
  name   = var.name
}

module "api" {
  source = "../api"

  name       = var.name
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
}
