module "api" {
  source = "./service"

  name       = "bond-ai-dev-backend"
  subnet_ids = ["subnet-a", "subnet-b"]
}

module "web" {
  source = "./service"

  name        = "bond-ai-dev-web"
  subnet_ids  = []
  egress_type = "DEFAULT"
}
