module "network" {
  source = "./network"

  environment = "dev"
  cidr        = "10.40.0.0/16"
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.network.vpc_id
}
