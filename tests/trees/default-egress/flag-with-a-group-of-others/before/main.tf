module "api" {
  source = "./service"

  name       = "bond-ai-dev-backend"
  subnet_ids = ["subnet-a", "subnet-b"]
  enable_vpc = true
}

module "web" {
  source = "./service"

  name       = "bond-ai-dev-web"
  subnet_ids = []
  enable_vpc = false
}
