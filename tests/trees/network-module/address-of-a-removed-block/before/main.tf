module "net" {
  source = "./stacks/net"
  name   = "bond"
  ranges = ["10.40.0.0/20", "10.40.16.0/20"]
}

module "backend" {
  source  = "./stacks/backend"
  vpc     = module.net.vpc
  subnets = module.net.subnets
}
