module "net" {
  source = "./stacks/net"
  name   = "bond"
}

module "backend" {
  source  = "./stacks/backend"
  vpc     = module.net.vpc
  subnets = module.net.subnets
}
