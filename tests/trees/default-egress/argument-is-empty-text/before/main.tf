module "connector" {
  source     = "./connector"
  subnet_ids = ["subnet-a", "subnet-b"]
}

module "api" {
  source = "./service"

  name              = "bond-ai-dev-backend"
  vpc_connector_arn = module.connector.arn
}

module "jobs" {
  source = "./service"

  name              = "bond-ai-dev-jobs"
  vpc_connector_arn = module.connector.arn
}
