module "backend" {
  source = "./apps/backend"

  vpc_id     = module.vpc.vpc_id
  subnet_ids = module.vpc.private_subnets
}
