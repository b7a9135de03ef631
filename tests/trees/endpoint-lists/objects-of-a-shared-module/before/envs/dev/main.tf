module "network" {
  source = "../../modules/network"
  name   = "dev"
}

module "endpoints" {
  source = "../../modules/endpoints"
  vpc_id = module.network.vpc_id
  gateway = [
  ]
}
