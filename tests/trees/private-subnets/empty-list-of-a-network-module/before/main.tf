module "net" {
  source = "./modules/net"

  public_subnets  = ["10.40.0.0/20", "10.40.16.0/20"]
  private_subnets = []
}

module "app" {
  source = "./modules/app"

  vpc_id  = module.net.vpc_id
  subnets = module.net.public_subnets
}
