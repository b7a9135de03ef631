locals {
  env    = terraform.workspace == "default" ? "dev" : terraform.workspace
  prefix = join("-", [var.project, local.env])
}

module "network" {
  source = "./modules/network"
}
