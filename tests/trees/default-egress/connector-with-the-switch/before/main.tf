module "backend" {
  source = "./modules/service"

  name       = "bond-ai-dev"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b", "subnet-c"]
}

module "other" {
  source = "./modules/service"

  name       = "bond-other"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b", "subnet-c"]
}
