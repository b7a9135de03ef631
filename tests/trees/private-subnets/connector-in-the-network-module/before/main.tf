module "network" {
  source = "./modules/network"

  name = "bond"
  cidr = "10.40.0.0/16"
}

module "app" {
  source = "./modules/app"

  connector_arn = module.network.connector_arn
}
